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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import javax.sql.DataSource;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.DeadlineAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Which deadline the thread of a transactional method has.
 */
class TransactionTimeoutAdvisorTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
				DeadlineAutoConfiguration.class))
		.withPropertyValues("cooperative.jdbc.model=virtual", "timeout=50")
		.withUserConfiguration(Beans.class);

	@Test
	void transactionWithATimeoutHasADeadlineAndNobodyElse() {
		run((methods) -> {
			assertWithin(50, methods.seconds50(Deadline::current));
			assertWithin(50, methods.expression(Deadline::current));
			assertThat(methods.plain(Deadline::current)).isNull();
			assertThat(methods.timeout0(Deadline::current)).isNull();
			assertThat(Deadline.current()).isNull();
		});
	}

	@Test
	void otherServersHaveTheDeadlineAroundTheTransaction() {
		run((methods) -> {
			assertThat(methods.seconds50(Deadline::currentElsewhere)).isNull();
			Deadline around = Deadline.after(Duration.ofSeconds(100));
			try (Deadline.Scope scope = around.enter()) {
				assertThat(methods.seconds50(Deadline::currentElsewhere)).isEqualTo(around);
			}
		});
	}

	@Test
	void deadlineEndsWithAMethodThatFails() {
		run((methods) -> {
			assertThatIllegalStateException().isThrownBy(() -> methods.seconds50(() -> {
				throw new IllegalStateException("as it is");
			})).withMessage("as it is");
			assertThat(Deadline.current()).isNull();
		});
	}

	@Test
	void annotatedTypesAndInterfacesAreCovered() {
		this.contextRunner.run((context) -> {
			assertWithin(20, context.getBean(OnType.class).run(Deadline::current));
			assertWithin(30, context.getBean(OnInterface.class).run(Deadline::current));
		});
	}

	/**
	 * As with Spring.
	 */
	@Test
	void timeoutOfAMethodThatJoinsATransactionIsIgnored() {
		run((methods) -> {
			assertThat(methods.plain(() -> methods.seconds50(Deadline::current))).isNull();
			assertThat(methods.plain(() -> methods.nested50(Deadline::current))).isNull();
			assertThat(methods.plain(() -> methods.supports50(Deadline::current))).isNull();
			assertThat(methods.plain(() -> methods.mandatory50(Deadline::current))).isNull();
			assertWithin(50, methods.seconds50(() -> methods.seconds10(Deadline::current)));
			assertWithin(50, methods.nested50(Deadline::current));
		});
	}

	@Test
	void timeoutWithoutATransactionIsIgnored() {
		run((methods) -> {
			assertThat(methods.supports50(Deadline::current)).isNull();
			assertThat(methods.notSupported50(Deadline::current)).isNull();
			assertThat(methods.never50(Deadline::current)).isNull();
		});
	}

	/**
	 * A transaction that has ended cannot time out anymore, but who is told so may call a
	 * slow server.
	 */
	@Test
	void deadlineOfATransactionThatHasEndedDoesNotBind() {
		run((methods) -> {
			List<@Nullable Deadline> deadlines = new ArrayList<>();
			methods.seconds10(() -> {
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void beforeCommit(boolean readOnly) {
						deadlines.add(Deadline.current());
					}

					@Override
					public void afterCommit() {
						deadlines.add(Deadline.current());
					}

					@Override
					public void afterCompletion(int status) {
						deadlines.add(Deadline.current());
					}

				});
				return null;
			});
			assertThat(deadlines).hasSize(3);
			assertWithin(10, deadlines.getFirst());
			assertThat(deadlines.subList(1, 3)).containsOnlyNulls();
			assertThat(Deadline.current()).isNull();
		});
	}

	@Test
	void deadlineOfASuspendedTransactionDoesNotBind() {
		run((methods) -> {
			assertThat(methods.seconds10(() -> methods.requiresNew(Deadline::current))).isNull();
			assertWithin(50, methods.seconds10(() -> methods.requiresNew50(Deadline::current)));
			assertThat(methods.seconds10(() -> methods.notSupported(Deadline::current))).isNull();
			assertWithin(50, methods.seconds10(() -> methods.notSupported(() -> methods.seconds50(Deadline::current))));
			assertWithin(10, methods.seconds10(() -> {
				methods.requiresNew(Deadline::current);
				return Deadline.current();
			}));
			assertThat(methods.seconds10(() -> methods.requiresNew50(() -> methods.requiresNew(Deadline::current))))
				.isNull();
		});
	}

	@Test
	void deadlineOfASuspendedTransactionDoesNotBindOneWithATemplate() {
		this.contextRunner.run((context) -> {
			Methods methods = context.getBean(Methods.class);
			TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			template.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
			assertThat(methods.seconds10(() -> template.execute((status) -> Deadline.current()))).isNull();
			assertWithin(10, methods.seconds10(() -> {
				template.executeWithoutResult((status) -> {
				});
				return Deadline.current();
			}));
			assertThat(Deadline.current()).isNull();
		});
	}

	@Test
	void deadlineOfARequestBindsEverything() {
		run((methods) -> {
			try (Deadline.Scope scope = Deadline.after(Duration.ofSeconds(5)).enter()) {
				Deadline request = Deadline.current();
				assertThat(methods.seconds10(Deadline::current)).isEqualTo(request);
				assertThat(methods.seconds10(() -> methods.requiresNew(Deadline::current))).isEqualTo(request);
				assertThat(methods.plain(Deadline::current)).isEqualTo(request);
			}
			try (Deadline.Scope scope = Deadline.after(Duration.ofSeconds(90)).enter()) {
				Deadline request = Deadline.current();
				assertWithin(10, methods.seconds10(Deadline::current));
				assertThat(methods.seconds10(() -> methods.requiresNew(Deadline::current))).isEqualTo(request);
			}
		});
	}

	@Test
	void deadlineOfTheUserInsideATransactionBindsSuspendingMethods() {
		run((methods) -> assertWithin(7, methods.seconds10(() -> {
			try (Deadline.Scope scope = Deadline.after(Duration.ofSeconds(7)).enter()) {
				return methods.requiresNew(Deadline::current);
			}
		})));
	}

	@Test
	void reactiveMethodsAreLeftAlone() {
		run((methods) -> {
			List<@Nullable Deadline> seen = new ArrayList<>();
			methods.reactive(seen).block();
			assertThat(seen).hasSize(1).containsOnlyNulls();
		});
	}

	@ParameterizedTest
	@EnumSource
	void orderOfTheTransactionAdvisorDoesNotMatter(Order order) {
		this.contextRunner.withUserConfiguration(order.configuration)
			.run((context) -> assertWithin(50, context.getBean(Methods.class).seconds50(Deadline::current)));
	}

	@Test
	void nothingIsAdvisedWhereDeadlinesAreOff() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.deadlines.enabled=false")
			.run((context) -> assertThat(context.getBean(Methods.class).seconds50(Deadline::current)).isNull());
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=platform")
			.run((context) -> assertThat(context.getBean(Methods.class).seconds50(Deadline::current)).isNull());
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=platform", "cooperative.jdbc.request-timeout=1s")
			.run((context) -> assertWithin(50, context.getBean(Methods.class).seconds50(Deadline::current)));
	}

	private void run(Consumer<Methods> test) {
		this.contextRunner.run((context) -> test.accept(context.getBean(Methods.class)));
	}

	/**
	 * A busy machine may take some of the time.
	 */
	private static void assertWithin(int seconds, @Nullable Deadline deadline) {
		Duration left = (deadline != null) ? deadline.left() : Duration.ZERO;
		assertThat(left).isBetween(Duration.ofSeconds(seconds).minusSeconds(5), Duration.ofSeconds(seconds));
	}

	enum Order {

		FIRST(First.class), EARLY(Early.class);

		private final Class<?> configuration;

		Order(Class<?> configuration) {
			this.configuration = configuration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(order = Integer.MIN_VALUE + 1)
	static class First {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(order = 0)
	static class Early {

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		DataSource dataSource() {
			return new EmbeddedDatabaseBuilder().setType(EmbeddedDatabaseType.H2).generateUniqueName(true).build();
		}

		@Bean
		Methods methods() {
			return new Methods();
		}

		@Bean
		OnType onType() {
			return new OnType();
		}

		@Bean
		OnInterface onInterface() {
			return new OnInterface() {
			};
		}

	}

	@FunctionalInterface
	interface Look {

		@Nullable Deadline now();

	}

	@Transactional(timeout = 20)
	static class OnType {

		@Nullable Deadline run(Look look) {
			return look.now();
		}

	}

	interface OnInterface {

		@Transactional(timeout = 30)
		default @Nullable Deadline run(Look look) {
			return look.now();
		}

	}

	static class Methods {

		@Transactional(timeout = 50)
		@Nullable Deadline seconds50(Look look) {
			return look.now();
		}

		@Transactional(timeout = 10)
		@Nullable Deadline seconds10(Look look) {
			return look.now();
		}

		@Transactional(timeoutString = "${timeout}")
		@Nullable Deadline expression(Look look) {
			return look.now();
		}

		@Transactional
		@Nullable Deadline plain(Look look) {
			return look.now();
		}

		@Transactional(timeout = 0)
		@Nullable Deadline timeout0(Look look) {
			return look.now();
		}

		@Transactional(timeout = 50, propagation = Propagation.NESTED)
		@Nullable Deadline nested50(Look look) {
			return look.now();
		}

		@Transactional(timeout = 50, propagation = Propagation.SUPPORTS)
		@Nullable Deadline supports50(Look look) {
			return look.now();
		}

		@Transactional(timeout = 50, propagation = Propagation.MANDATORY)
		@Nullable Deadline mandatory50(Look look) {
			return look.now();
		}

		@Transactional(timeout = 50, propagation = Propagation.NOT_SUPPORTED)
		@Nullable Deadline notSupported50(Look look) {
			return look.now();
		}

		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		@Nullable Deadline notSupported(Look look) {
			return look.now();
		}

		@Transactional(timeout = 50, propagation = Propagation.NEVER)
		@Nullable Deadline never50(Look look) {
			return look.now();
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		@Nullable Deadline requiresNew(Look look) {
			return look.now();
		}

		@Transactional(timeout = 50, propagation = Propagation.REQUIRES_NEW)
		@Nullable Deadline requiresNew50(Look look) {
			return look.now();
		}

		@Transactional(timeout = 50)
		Mono<Void> reactive(List<@Nullable Deadline> seen) {
			seen.add(Deadline.current());
			return Mono.empty();
		}

	}

}
