/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package org.cooperativejdbc.spring;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.cooperativejdbc.reactor.ReactorCalls;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.stereotype.Service;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.ReactiveTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.reactive.AbstractReactiveTransactionManager;
import org.springframework.transaction.reactive.GenericReactiveTransaction;
import org.springframework.transaction.reactive.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link CooperativeCall}, with {@code @Transactional} and other advice on the same
 * method.
 */
@NullUnmarked
class CooperativeCallTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	@ParameterizedTest
	@CsvSource({ "true, virtual", "true, event-loop", "true, platform", "false, virtual" })
	void bodyIsCalledOnAThreadOfItsOwn(boolean enabled, String model) {
		run((context) -> {
			Calls calls = context.getBean(Calls.class);
			String expected = enabled ? model : "platform";
			for (String thread : List.of(calls.mono().block(LONG), calls.flux().blockLast(LONG), calls.future().join(),
					calls.stage().toCompletableFuture().join())) {
				assertThat(thread).contains("cooperative-");
				assertThat(thread.startsWith("VirtualThread")).isEqualTo(!expected.equals("platform"));
				assertThat(thread.contains("@cooperative-jdbc-loop-")).isEqualTo(expected.equals("event-loop"));
			}
			assertThat(calls.nothing().blockOptional(LONG)).isEmpty();
			assertThat(context.getBean(ReactorCalls.class).fromCallable(() -> 1).block(LONG)).isOne();
		}, "cooperative.jdbc.enabled=" + enabled, "cooperative.jdbc.model=" + model);
	}

	@Test
	void eachSubscriptionCallsTheBodyAndNothingElseDoes() {
		run((context) -> {
			Calls calls = context.getBean(Calls.class);
			Mono<Integer> mono = calls.count();
			Flux<Integer> flux = calls.counts();
			assertThat(calls.counted()).isZero();
			assertThat(List.of(mono.block(LONG), mono.block(LONG), flux.blockLast(LONG), flux.blockLast(LONG)))
				.containsExactly(1, 2, 3, 4);
		});
	}

	@Test
	void failureIsThatOfTheBody() {
		run((context) -> {
			Calls calls = context.getBean(Calls.class);
			StepVerifier.create(calls.failing()).expectError(SQLException.class).verify(LONG);
			StepVerifier.create(calls.returningFailure()).expectError(SQLException.class).verify(LONG);
			StepVerifier.create(calls.failingFlux()).expectNext(1).expectError(SQLException.class).verify(LONG);
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> calls.failingFuture().get(20, TimeUnit.SECONDS))
				.withCauseInstanceOf(SQLException.class);
			StepVerifier.create(calls.returningNull()).expectError(IllegalStateException.class).verify(LONG);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop", "platform" })
	void transactionIsAroundTheBodyOnItsThread(String model) {
		run((context) -> {
			Rows rows = context.getBean(Rows.class);
			rows.create();
			assertThat(rows.insert(1).block(LONG)).isOne();
			assertThat(rows.insertLater(2).block(LONG)).isOne();
			assertThat(rows.insertFuture(3).join()).isOne();
			StepVerifier.create(rows.insertAndFail(4)).expectError(IllegalStateException.class).verify(LONG);
			StepVerifier.create(rows.insertAndFailLater(5)).expectError(IllegalStateException.class).verify(LONG);
			assertThat(rows.insertAndFailFuture(6)).failsWithin(LONG);
			assertThat(rows.all()).containsExactly(1, 2, 3);
		}, "cooperative.jdbc.model=" + model);
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop", "platform" })
	void fluxIsReadWithinTheTransaction(String model) {
		run((context) -> {
			Rows rows = context.getBean(Rows.class);
			rows.create();
			StepVerifier.create(rows.insertEach(3).doOnComplete(() -> assertThat(rows.all()).hasSize(3)))
				.expectNext(1, 2, 3)
				.expectComplete()
				.verify(LONG);
			StepVerifier.create(rows.insertEach(9), 0)
				.thenRequest(2)
				.expectNext(1, 2)
				.then(() -> assertThat(rows.all()).hasSize(3))
				.thenCancel()
				.verify(LONG);
			assertThat(rows.all()).as("rolled back").hasSize(3);
			StepVerifier.create(rows.cursor(100_000)).expectNextCount(100_000).expectComplete().verify(LONG);
			StepVerifier.create(rows.cursor(100_000), 25).expectNextCount(25).thenCancel().verify(LONG);
			assertThat(rows.all()).as("connection given back").hasSize(3);
		}, "cooperative.jdbc.model=" + model, "spring.datasource.hikari.maximum-pool-size=2");
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void cancelingCancelsTheStatementAndRollsBack(String model) {
		run((context) -> {
			Rows rows = context.getBean(Rows.class);
			rows.create();
			Disposable mono = rows.insertAndSleep(7).subscribe();
			awaitSleeping(1);
			mono.dispose();
			awaitSleeping(0);
			CompletableFuture<Integer> future = rows.insertAndSleepFuture(8);
			awaitSleeping(1);
			future.cancel(true);
			awaitSleeping(0);
			assertThat(rows.all()).isEmpty();
		}, "cooperative.jdbc.model=" + model);
	}

	@Test
	void transactionOfTheCallerIsNotThatOfTheMethod() {
		run((context) -> {
			Rows rows = context.getBean(Rows.class);
			rows.create();
			new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
				.executeWithoutResult((status) -> {
					assertThat(rows.insert(1).block(LONG)).isOne();
					StepVerifier.create(rows.mandatory())
						.expectError(IllegalTransactionStateException.class)
						.verify(LONG);
					status.setRollbackOnly();
				});
			assertThat(rows.all()).containsExactly(1);
		});
	}

	@Test
	void orderOfOtherAdviceDoesNotMatter() {
		run((context) -> {
			Rows rows = context.getBean(Rows.class);
			rows.create();
			assertThat(rows.insert(1).block(LONG)).isOne();
			StepVerifier.create(rows.insertAndFailLater(2)).expectError(IllegalStateException.class).verify(LONG);
			assertThat(rows.insertEach(2).collectList().block(LONG)).containsExactly(1, 2);
			assertThat(rows.all()).containsExactly(1, 1, 2);
			assertThat(context.getBean(Advised.class).threads()).isNotEmpty()
				.allSatisfy((thread) -> assertThat(thread).startsWith("cooperative-"));
		}, Advised.class);
	}

	@Test
	void otherAdviceDoesNotGetElementsThatAreSentInSilence() {
		run((context) -> {
			Rows rows = context.getBean(Rows.class);
			rows.create();
			StepVerifier.create(rows.insertEach(1))
				.expectNext(1)
				.expectErrorMessage(
						"""
								The elements of a Flux by @CooperativeCall have been sent within its transaction, and are not there \
								for other advice, such as a cache: let the method return a Mono of a list""")
				.verify(LONG);
			assertThat(rows.insert(1).block(LONG)).isOne();
		}, Collecting.class);
	}

	@Test
	void adviceThatCallsTheMethodWhenItIsSubscribedTo() {
		run((context) -> {
			Rows rows = context.getBean(Rows.class);
			rows.create();
			assertThat(rows.insert(1).block(LONG)).isOne();
			assertThat(rows.insertEach(2).collectList().block(LONG)).containsExactly(1, 2);
			assertThat(rows.all()).containsExactly(1, 1, 2);
		}, Deferring.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void timeoutOfTheTransactionCancelsTheStatement(String model) {
		run((context) -> {
			Rows rows = context.getBean(Rows.class);
			rows.create();
			StepVerifier.create(rows.sleepTooLong())
				.expectErrorSatisfies((ex) -> assertThat(ex).hasStackTraceContaining("canceling statement"))
				.verify(LONG);
			StepVerifier.create(rows.sendTooSlowly(), 1)
				.expectNext(1)
				.expectErrorSatisfies((ex) -> assertThat(ex).hasMessageContaining("before the deadline"))
				.verify(LONG);
		}, "cooperative.jdbc.model=" + model);
	}

	@Test
	void methodOfAnInterface() {
		run((context) -> assertThat(context.getBean(Greeter.class).greet().block(LONG)).startsWith("cooperative-"),
				GreeterConfiguration.class);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "Text | returns a String: let it return a Mono, a Flux or a CompletableFuture",
					"Final | is static or final", "Private | cannot be delegated to target bean",
					"Asynchronous | has @Async as well",
					"WithReactiveManager | its transaction is one of a ReactiveTransactionManager" })
	void whatCannotBeIsAnErrorWhenTheBeanIsCreated(String configuration, String message) throws Exception {
		Class<?> source = Class.forName(getClass().getName() + "$" + configuration);
		assertThatException().isThrownBy(() -> run((context) -> {
		}, source)).satisfies((ex) -> assertThat(ex).hasStackTraceContaining(message));
	}

	@Test
	void reactiveManagerThatIsFoundLateIsAnErrorOfTheCall() {
		run((context) -> StepVerifier.create(context.getBean(LateManager.class).blocking())
			.expectErrorSatisfies((ex) -> assertThat(ex).isInstanceOf(IllegalStateException.class)
				.hasMessageContaining("reactive transaction manager"))
			.verify(LONG), LateManager.class, TwoManagers.class);
	}

	private static void awaitSleeping(int count) {
		try {
			long end = System.nanoTime() + LONG.toNanos();
			while (ActiveBackends.count("%pg_sleep(73)%") != count) {
				assertThat(System.nanoTime()).isLessThan(end);
			}
		}
		catch (SQLException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void run(Check test, String... properties) {
		run(test, Application.class, properties);
	}

	private static void run(Check test, Class<?> source, String... properties) {
		run(test, source, source, properties);
	}

	private static void run(Check test, Class<?> source, Class<?> other, String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, source, other)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.event-loop.threads=1", "spring.main.banner-mode=off")
			.properties(properties)
			.run()) {
			test.accept(context);
		}
		catch (SQLException ex) {
			throw new AssertionError(ex);
		}
	}

	private interface Check {

		void accept(ConfigurableApplicationContext context) throws SQLException;

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Calls calls() {
			return new Calls();
		}

		@Bean
		Rows rows(JdbcTemplate jdbcTemplate) {
			return new Rows(jdbcTemplate);
		}

	}

	static class Calls {

		private final AtomicInteger count = new AtomicInteger();

		int counted() {
			return this.count.get();
		}

		@CooperativeCall
		Mono<String> mono() {
			return Mono.just(Thread.currentThread().toString());
		}

		@CooperativeCall
		Mono<String> nothing() {
			return Mono.empty();
		}

		@CooperativeCall
		Flux<String> flux() {
			return Flux.just("first", Thread.currentThread().toString());
		}

		@CooperativeCall
		CompletableFuture<String> future() {
			return CompletableFuture.completedFuture(Thread.currentThread().toString());
		}

		@CooperativeCall
		CompletionStage<String> stage() {
			return CompletableFuture.completedStage(Thread.currentThread().toString());
		}

		@CooperativeCall
		Mono<Integer> count() {
			return Mono.just(this.count.incrementAndGet());
		}

		@CooperativeCall
		Flux<Integer> counts() {
			return Flux.just(this.count.incrementAndGet());
		}

		@CooperativeCall
		Mono<Integer> failing() throws SQLException {
			throw new SQLException("failed");
		}

		@CooperativeCall
		Mono<Integer> returningFailure() {
			return Mono.error(new SQLException("failed"));
		}

		@CooperativeCall
		Mono<Integer> returningNull() {
			return null;
		}

		@CooperativeCall
		Flux<Integer> failingFlux() {
			return Flux.concat(Flux.just(1), Flux.error(new SQLException("failed")));
		}

		@CooperativeCall
		CompletableFuture<Integer> failingFuture() throws SQLException {
			throw new SQLException("failed");
		}

	}

	static class Rows {

		private final JdbcTemplate jdbcTemplate;

		Rows(JdbcTemplate jdbcTemplate) {
			this.jdbcTemplate = jdbcTemplate;
		}

		void create() {
			this.jdbcTemplate.execute("drop table if exists called");
			this.jdbcTemplate.execute("create table called (id int)");
		}

		List<Integer> all() {
			return this.jdbcTemplate.queryForList("select id from called order by id", Integer.class);
		}

		private int save(int id) {
			return this.jdbcTemplate.update("insert into called values (?)", id);
		}

		@CooperativeCall
		@Transactional
		Mono<Integer> insert(int id) {
			return Mono.just(save(id));
		}

		@CooperativeCall
		@Transactional
		Mono<Integer> insertLater(int id) {
			return Mono.fromCallable(() -> save(id));
		}

		@CooperativeCall
		@Transactional
		CompletableFuture<Integer> insertFuture(int id) {
			return CompletableFuture.completedFuture(save(id));
		}

		@CooperativeCall
		@Transactional
		Mono<Integer> insertAndFail(int id) {
			save(id);
			throw new IllegalStateException("failed");
		}

		@CooperativeCall
		@Transactional
		Mono<Integer> insertAndFailLater(int id) {
			save(id);
			return Mono.<Integer>error(new IllegalStateException("failed")).subscribeOn(Schedulers.parallel());
		}

		@CooperativeCall
		@Transactional
		CompletableFuture<Integer> insertAndFailFuture(int id) {
			save(id);
			return CompletableFuture.supplyAsync(() -> {
				throw new IllegalStateException("failed");
			});
		}

		@CooperativeCall
		@Transactional
		Flux<Integer> insertEach(int count) {
			return Flux.range(1, count).doOnNext(this::save);
		}

		@CooperativeCall
		@Transactional(readOnly = true)
		Flux<Integer> cursor(int count) {
			this.jdbcTemplate.setFetchSize(10);
			return Flux.fromStream(this.jdbcTemplate.queryForStream("select generate_series(1, ?)",
					(row, number) -> row.getInt(1), count));
		}

		@CooperativeCall
		@Transactional
		Mono<Integer> insertAndSleep(int id) {
			return Mono.just(saveAndSleep(id));
		}

		@CooperativeCall
		@Transactional
		CompletableFuture<Integer> insertAndSleepFuture(int id) {
			return CompletableFuture.completedFuture(saveAndSleep(id));
		}

		private int saveAndSleep(int id) {
			int saved = save(id);
			this.jdbcTemplate.execute("select pg_sleep(73)");
			return saved;
		}

		@CooperativeCall
		@Transactional(timeout = 1)
		Mono<Integer> sleepTooLong() {
			this.jdbcTemplate.execute("select pg_sleep(30)");
			return Mono.just(1);
		}

		@CooperativeCall
		@Transactional(timeout = 1)
		Flux<Integer> sendTooSlowly() {
			return Flux.just(1, 2);
		}

		@CooperativeCall
		@Transactional(propagation = Propagation.MANDATORY)
		Mono<Integer> mandatory() {
			return Mono.just(1);
		}

	}

	/**
	 * Everything else as far outside and as far inside as can be.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true, order = Ordered.HIGHEST_PRECEDENCE)
	static class Advised {

		private final List<String> threads = new CopyOnWriteArrayList<>();

		List<String> threads() {
			return this.threads;
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		Advisor outside() {
			return advisor(Ordered.HIGHEST_PRECEDENCE);
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		Advisor inside() {
			return advisor(Ordered.LOWEST_PRECEDENCE);
		}

		private Advisor advisor(int order) {
			DefaultPointcutAdvisor advisor = new DefaultPointcutAdvisor(
					AnnotationMatchingPointcut.forMethodAnnotation(CooperativeCall.class),
					(MethodInterceptor) (invocation) -> {
						this.threads.add(Thread.currentThread().getName());
						return invocation.proceed();
					});
			advisor.setOrder(order);
			return advisor;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Collecting {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static Advisor collecting() {
			DefaultPointcutAdvisor advisor = new DefaultPointcutAdvisor(
					AnnotationMatchingPointcut.forMethodAnnotation(CooperativeCall.class),
					(MethodInterceptor) (invocation) -> {
						Object result = invocation.proceed();
						return (result instanceof Flux<?> flux) ? flux.collectList().flatMapIterable((list) -> list)
								: result;
					});
			advisor.setOrder(0);
			return advisor;
		}

	}

	/**
	 * As Spring Security does for reactive methods.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Deferring {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static Advisor deferring() {
			DefaultPointcutAdvisor advisor = new DefaultPointcutAdvisor(
					AnnotationMatchingPointcut.forMethodAnnotation(CooperativeCall.class),
					(MethodInterceptor) (invocation) -> (invocation.getMethod().getReturnType() == Mono.class)
							? Mono.defer(() -> (Mono<?>) proceed(invocation))
							: Flux.defer(() -> (Flux<?>) proceed(invocation)));
			advisor.setOrder(0);
			return advisor;
		}

		private static Object proceed(MethodInvocation invocation) {
			try {
				return invocation.proceed();
			}
			catch (Throwable ex) {
				throw Exceptions.propagate(ex);
			}
		}

	}

	interface Greeter {

		@CooperativeCall
		Mono<String> greet();

	}

	static class GreeterConfiguration {

		@Bean
		Greeter greeter() {
			return () -> Mono.just(Thread.currentThread().getName());
		}

	}

	@Service
	static class Text {

		@CooperativeCall
		String text() {
			return "text";
		}

	}

	@Service
	static class Final {

		@CooperativeCall
		final Mono<String> text() {
			return Mono.just("text");
		}

	}

	@Service
	static class Private {

		@CooperativeCall
		private Mono<String> text() {
			return Mono.just("text");
		}

	}

	@Service
	@EnableAsync
	static class Asynchronous {

		@Async
		@CooperativeCall
		CompletableFuture<String> text() {
			return CompletableFuture.completedFuture("text");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoManagers {

		@Bean
		@Primary
		JdbcTransactionManager jdbc(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		@Qualifier("late")
		ReactiveTransactionManager reactive() {
			return new NoReactiveTransactions();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithReactiveManager {

		@Bean
		@Primary
		JdbcTransactionManager jdbc(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		ReactiveTransactionManager reactive() {
			return new NoReactiveTransactions();
		}

		@Bean
		Named named() {
			return new Named();
		}

	}

	static class Named {

		@CooperativeCall
		@Transactional("reactive")
		Mono<Integer> blocking() {
			return Mono.just(1);
		}

	}

	/**
	 * The name is a qualifier here, which only the transaction interceptor resolves.
	 */
	@Service
	static class LateManager {

		@CooperativeCall
		@Transactional("late")
		Mono<Integer> blocking() {
			return Mono.just(1);
		}

	}

	/**
	 * Begins on another thread, as one that waits for a server.
	 */
	@SuppressWarnings("serial")
	static class NoReactiveTransactions extends AbstractReactiveTransactionManager {

		@Override
		protected Object doGetTransaction(TransactionSynchronizationManager synchronizationManager) {
			return this;
		}

		@Override
		protected Mono<Void> doBegin(TransactionSynchronizationManager synchronizationManager, Object transaction,
				TransactionDefinition definition) {
			return Mono.<Void>empty().subscribeOn(Schedulers.parallel());
		}

		@Override
		protected Mono<Void> doCommit(TransactionSynchronizationManager synchronizationManager,
				GenericReactiveTransaction status) {
			return Mono.empty();
		}

		@Override
		protected Mono<Void> doRollback(TransactionSynchronizationManager synchronizationManager,
				GenericReactiveTransaction status) {
			return Mono.empty();
		}

	}

}
