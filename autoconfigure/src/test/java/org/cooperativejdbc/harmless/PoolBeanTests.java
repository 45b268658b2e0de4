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

package org.cooperativejdbc.harmless;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.CooperativePools;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Pools that are beans of an unusual kind, or several of them.
 */
@Timeout(60)
class PoolBeanTests {

	/**
	 * As the refresh scope of Spring Cloud does: behind a proxy, the pool is destroyed
	 * and created again while the application runs.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void poolOfAScopeIsReplacedWhenTheScopeIsRefreshed(boolean starter, String model) {
		HikariDataSource second;
		try (ConfigurableApplicationContext context = start(starter, model, Scoped.class,
				"cooperative.jdbc.required=true")) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			RefreshScope scope = context.getBean(RefreshScope.class);
			assertThat(select(context, jdbc, 4)).isEqualTo(4);
			HikariDataSource first = scope.pool();
			scope.refresh();
			assertThat(first.isClosed()).isTrue();
			assertThat(select(context, jdbc, 4)).isEqualTo(4);
			second = scope.pool();
			assertThat(second).isNotSameAs(first);
			assertThat(List.of(first, second))
				.allSatisfy((pool) -> assertThat(pool instanceof CooperativeDataSource).isEqualTo(starter));
			assertThat(second.isClosed()).isFalse();
			assertNoFinding(context, starter);
			scope.refresh();
			assertThat(second.isClosed()).isTrue();
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void poolThatSpringIsNotToCloseGoesOn(boolean starter, String model) throws SQLException {
		HikariDataSource pool;
		try (ConfigurableApplicationContext context = start(starter, model, NotClosed.class)) {
			pool = context.getBean(HikariDataSource.class);
			assertThat(select(context, context.getBean(JdbcTemplate.class), 4)).isEqualTo(4);
		}
		assertGoesOn(pool);
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void poolThatTheApplicationCreatedGoesOn(boolean starter, String model) throws SQLException {
		HikariDataSource pool;
		try (ConfigurableApplicationContext context = start(starter, model, OnePool.class)) {
			pool = context.getBean(CooperativePools.class).create("created", Trial.pool(2));
			assertThat(pool instanceof CooperativeDataSource).isEqualTo(starter);
			assertThat(select(context, new JdbcTemplate(pool), 4)).isEqualTo(4);
		}
		assertGoesOn(pool);
	}

	private static void assertGoesOn(HikariDataSource pool) throws SQLException {
		try (pool) {
			assertThat(pool.isRunning()).isTrue();
			for (int i = 0; i < 3; i++) {
				assertThat(new JdbcTemplate(pool).queryForObject("select 1", Integer.class)).isOne();
			}
			try (Connection one = pool.getConnection(); Connection other = pool.getConnection()) {
				assertThat(one.isValid(5)).isTrue();
				assertThat(other.isValid(5)).isTrue();
			}
		}
	}

	/**
	 * Of the class of the other one.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void poolIsDerivedFromAnother(boolean starter, String model) {
		try (ConfigurableApplicationContext context = start(starter, model, DerivedPool.class,
				"cooperative.jdbc.required=true")) {
			HikariDataSource derived = context.getBean("derived", HikariDataSource.class);
			assertThat(derived instanceof CooperativeDataSource).isEqualTo(starter);
			assertThat(select(context, new JdbcTemplate(derived), 4)).isEqualTo(4);
			assertNoFinding(context, starter);
			if (starter) {
				Map<String, String> dataSources = context.getBean(CooperativeJdbc.class).dataSources();
				assertThat(dataSources.get("derived")).isNotNull().isEqualTo(dataSources.get("dataSource"));
			}
			try (HikariDataSource noBean = DerivedPool.derive(derived)) {
				assertThat(select(context, new JdbcTemplate(noBean), 4)).isEqualTo(4);
			}
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void classOfTheUserIsKeptAndReported(boolean starter, String model) {
		HikariDataSource pool;
		try (ConfigurableApplicationContext context = start(starter, model, Subclass.class)) {
			pool = context.getBean(HikariDataSource.class);
			assertThat(pool).isExactlyInstanceOf(CountingPool.class);
			assertThat(select(context, context.getBean(JdbcTemplate.class), 4)).isEqualTo(4);
			assertThat(((CountingPool) pool).borrowed).isGreaterThanOrEqualTo(4);
			if (starter) {
				assertThat(context.getBean(CooperativeJdbc.class).findings())
					.filteredOn((finding) -> finding.id().equals("socket-factory"))
					.singleElement()
					.extracting(Finding::problem)
					.isEqualTo("dataSource: pool of the class " + CountingPool.class.getName() + " kept");
			}
		}
		assertThat(pool.isClosed()).isTrue();
	}

	@Test
	void classOfTheUserFailsStartupWhereCooperativePoolsAreRequired() {
		assertThatException().isThrownBy(() -> start(true, "virtual", Subclass.class, "cooperative.jdbc.required=true"))
			.havingRootCause()
			.withMessageContaining(
					"'dataSource' is not cooperative: pool of the class " + CountingPool.class.getName());
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void lazyPoolIsCreatedWhenItIsAskedFor(boolean starter, String model) {
		HikariDataSource lazy;
		try (ConfigurableApplicationContext context = start(starter, model, LazyPool.class,
				"cooperative.jdbc.required=true", "cooperative.jdbc.pools.lazy.max-waiting=5")) {
			assertThat(context.getBeanFactory().containsSingleton("lazy")).isFalse();
			lazy = context.getBean("lazy", HikariDataSource.class);
			assertThat(lazy instanceof CooperativeDataSource).isEqualTo(starter);
			assertThat(select(context, new JdbcTemplate(lazy), 4)).isEqualTo(4);
			assertNoFinding(context, starter);
		}
		assertThat(lazy.isClosed()).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void poolOfAParentOutlivesThatOfItsChild(boolean starter, String model) throws Exception {
		SpringApplicationBuilder builder = new SpringApplicationBuilder(Application.class, OnePool.class)
			.web(WebApplicationType.NONE)
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"spring.threads.virtual.enabled=true", "cooperative.jdbc.required=true");
		SpringApplicationBuilder childBuilder = builder.child(Application.class, OtherPool.class)
			.web(WebApplicationType.NONE);
		HikariDataSource ofParent;
		ConfigurableApplicationContext child = childBuilder.run();
		try (ConfigurableApplicationContext parent = (ConfigurableApplicationContext) child.getParent()) {
			HikariDataSource ofChild = child.getBean("other", HikariDataSource.class);
			ofParent = parent.getBean("dataSource", HikariDataSource.class);
			assertThat(List.of(ofParent, ofChild))
				.allSatisfy((pool) -> assertThat(pool instanceof CooperativeDataSource).isEqualTo(starter));
			assertThat(select(child, new JdbcTemplate(ofChild), 4)).isEqualTo(4);
			assertThat(select(child, new JdbcTemplate(ofParent), 4)).isEqualTo(4);
			child.close();
			assertThat(ofChild.isClosed()).isTrue();
			assertThat(ofParent.isClosed()).isFalse();
			assertThat(select(parent, new JdbcTemplate(ofParent), 4)).isEqualTo(4);
			assertThat(newConnection(ofParent)).isTrue();
		}
		assertThat(ofParent.isClosed()).isTrue();
	}

	/**
	 * A thread that holds a connection of one pool takes one of another, with more
	 * threads than either has connections.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual, 4, 2", "true, virtual, 4, 2", "true, event-loop, 4, 2", "false, virtual, 2, 4",
			"true, virtual, 2, 4", "true, event-loop, 2, 4" })
	void borrowFromAnotherPoolWhileHoldingOne(boolean starter, String model, int outer, int inner) {
		try (ConfigurableApplicationContext context = start(starter, model, TwoPools.class)) {
			HikariDataSource one = context.getBean("one", HikariDataSource.class);
			HikariDataSource other = context.getBean("other", HikariDataSource.class);
			one.setMaximumPoolSize(outer);
			other.setMaximumPoolSize(inner);
			Trial.succeed(Trial.inThreads(context, 40, () -> nested(one, other, null)));
			assertNoneTaken(one, other);
		}
	}

	/**
	 * Whoever holds the last connections of one pool waits for the other, and the other
	 * way round. Nobody sees both pools: the timeout ends it, as it does without the
	 * starter.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void borrowInOppositeOrdersEndsByTheTimeout(boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model, TwoPools.class)) {
			HikariDataSource one = context.getBean("one", HikariDataSource.class);
			HikariDataSource other = context.getBean("other", HikariDataSource.class);
			for (HikariDataSource pool : List.of(one, other)) {
				pool.setMaximumPoolSize(2);
				pool.setConnectionTimeout(1000);
			}
			CyclicBarrier allHoldOne = new CyclicBarrier(4);
			List<CompletableFuture<Boolean>> running = new ArrayList<>();
			running.addAll(Trial.inThreads(context, 2, () -> nested(one, other, allHoldOne)));
			running.addAll(Trial.inThreads(context, 2, () -> nested(other, one, allHoldOne)));
			for (CompletableFuture<Boolean> each : running) {
				each.exceptionally((ex) -> false).get(Trial.TIMEOUT_SECONDS, TimeUnit.SECONDS);
			}
			assertThat(running).anyMatch(CompletableFuture::isCompletedExceptionally);
			Trial.succeed(Trial.inThreads(context, 20, () -> nested(one, other, null)));
			assertNoneTaken(one, other);
		}
	}

	private static boolean nested(DataSource outer, DataSource inner, CyclicBarrier barrier) {
		try (Connection held = outer.getConnection()) {
			if (barrier != null) {
				Trial.await(barrier);
			}
			try (Connection second = inner.getConnection()) {
				return held.isValid(5) && second.isValid(5);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void assertNoneTaken(HikariDataSource... pools) {
		assertThat(pools).allSatisfy((pool) -> {
			assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
			if (pool instanceof CooperativeDataSource cooperative) {
				assertThat(cooperative.getPlacesTaken()).isZero();
			}
		});
	}

	private static void assertNoFinding(ConfigurableApplicationContext context, boolean starter) {
		if (starter) {
			assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::id)
				.doesNotContain("uncooperative-data-source", "pool-name", "socket-factory");
		}
	}

	private static boolean newConnection(HikariDataSource pool) throws SQLException {
		pool.getHikariPoolMXBean().softEvictConnections();
		try (Connection connection = pool.getConnection()) {
			return connection.isValid(5);
		}
	}

	private static int select(ConfigurableApplicationContext context, JdbcTemplate jdbc, int count) {
		return Trial.inThreads(context, count, () -> jdbc.queryForObject("select 1", Integer.class))
			.stream()
			.mapToInt(CompletableFuture::join)
			.sum();
	}

	private static ConfigurableApplicationContext start(boolean starter, String model, Class<?> source,
			String... properties) {
		return Trial.start(starter, model, List.of(Application.class, source), properties);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Scoped {

		@Bean
		static RefreshScope refreshScope() {
			return new RefreshScope();
		}

		@Bean
		static CustomScopeConfigurer scopes(RefreshScope scope) {
			CustomScopeConfigurer configurer = new CustomScopeConfigurer();
			configurer.addScope("refresh", scope);
			return configurer;
		}

		@Bean
		@Scope(scopeName = "refresh", proxyMode = ScopedProxyMode.TARGET_CLASS)
		HikariDataSource dataSource() {
			return Trial.pool(2);
		}

	}

	static class RefreshScope implements org.springframework.beans.factory.config.Scope {

		private final Map<String, Object> beans = new LinkedHashMap<>();

		private final Map<String, Runnable> callbacks = new LinkedHashMap<>();

		synchronized void refresh() {
			this.callbacks.values().forEach(Runnable::run);
			this.callbacks.clear();
			this.beans.clear();
		}

		synchronized HikariDataSource pool() {
			return (HikariDataSource) this.beans.get("scopedTarget.dataSource");
		}

		@Override
		public synchronized Object get(String name, ObjectFactory<?> objectFactory) {
			Object bean = this.beans.get(name);
			if (bean == null) {
				bean = objectFactory.getObject();
				this.beans.put(name, bean);
			}
			return bean;
		}

		@Override
		public synchronized Object remove(String name) {
			this.callbacks.remove(name);
			return this.beans.remove(name);
		}

		@Override
		public synchronized void registerDestructionCallback(String name, Runnable callback) {
			this.callbacks.put(name, callback);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NotClosed {

		@Bean(destroyMethod = "")
		HikariDataSource dataSource() {
			return Trial.pool(2);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Subclass {

		@Bean
		HikariDataSource dataSource() {
			CountingPool pool = new CountingPool();
			Trial.configure(pool, 2);
			return pool;
		}

	}

	static class CountingPool extends HikariDataSource {

		private int borrowed;

		@Override
		public Connection getConnection() throws SQLException {
			synchronized (this) {
				this.borrowed++;
			}
			return super.getConnection();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnePool {

		@Bean
		HikariDataSource dataSource() {
			return Trial.pool(2);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DerivedPool {

		@Bean
		HikariDataSource dataSource() {
			return Trial.pool(2);
		}

		@Bean(defaultCandidate = false)
		HikariDataSource derived(HikariDataSource dataSource) {
			return derive(dataSource);
		}

		private static HikariDataSource derive(HikariDataSource pool) {
			return (HikariDataSource) DataSourceBuilder.derivedFrom(pool).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherPool {

		@Bean
		HikariDataSource other() {
			return Trial.pool(2);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyPool {

		@Bean
		@Primary
		HikariDataSource dataSource() {
			return Trial.pool(2);
		}

		@Bean(autowireCandidate = false)
		@Lazy
		HikariDataSource lazy() {
			return Trial.pool(2);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoPools {

		@Bean
		@Primary
		HikariDataSource one() {
			return Trial.pool(4);
		}

		@Bean
		HikariDataSource other() {
			return Trial.pool(4);
		}

	}

}
