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

package org.cooperativejdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import org.cooperativejdbc.test.TestDatabase;
import org.hibernate.LazyInitializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What Spring and Hibernate do stays the same on every concurrency model.
 */
class SpringBehaviourTests {

	@ParameterizedTest
	@EnumSource
	void transactionIsCommittedAndLazyCollectionIsLoadedInIt(ConcurrencyModel model) {
		run(model, (orders, context) -> {
			Long id = call(context, () -> orders.create("books", 3));
			assertThat(call(context, () -> orders.lines(id))).isEqualTo(3);
			Order detached = call(context, () -> orders.find(id));
			assertThatExceptionOfType(LazyInitializationException.class).isThrownBy(detached::size);
		});
	}

	@ParameterizedTest
	@EnumSource
	void failureRollsBackAndTheConnectionIsUsedAgain(ConcurrencyModel model) {
		run(model, (orders, context) -> {
			long before = call(context, orders::count);
			assertThat(call(context, () -> {
				try {
					orders.createAndFail();
					return "committed";
				}
				catch (IllegalStateException ex) {
					return ex.getMessage();
				}
			})).isEqualTo("rolled back");
			assertThat(call(context, orders::count)).isEqualTo(before);
		});
	}

	@ParameterizedTest
	@EnumSource
	void errorOfTheServerIsTranslatedAndLeavesThePoolWhole(ConcurrencyModel model) {
		run(model, (orders, context) -> {
			JdbcClient jdbcClient = context.getBean(JdbcClient.class);
			call(context, () -> {
				assertThatExceptionOfType(DataIntegrityViolationException.class)
					.isThrownBy(() -> jdbcClient.sql("insert into order_line (id, name) values (null, 'x')").update());
				return true;
			});
			assertThat(call(context, () -> jdbcClient.sql("select 1").query(Integer.class).single())).isEqualTo(1);
			assertThat(pool(context).getHikariPoolMXBean().getActiveConnections()).isZero();
		});
	}

	@ParameterizedTest
	@EnumSource
	void innerTransactionHasAConnectionOfItsOwn(ConcurrencyModel model) {
		run(model, (orders, context) -> {
			List<Long> backends = call(context, orders::backendsOfOuterAndInner);
			assertThat(backends).hasSize(2).doesNotHaveDuplicates();
		});
	}

	@ParameterizedTest
	@EnumSource
	void recreatedPoolIsCooperativeAgain(ConcurrencyModel model) {
		run(model, (orders, context) -> {
			HikariDataSource first = pool(context);
			assertThat(call(context, () -> select(first))).isEqualTo(1);
			var beanFactory = context.getBeanFactory();
			HikariDataSource second = (HikariDataSource) beanFactory.initializeBean(unstartedCopy(first), "dataSource");
			try (second) {
				assertThat(second.getDataSourceProperties().get("socketFactory"))
					.isEqualTo(first.getDataSourceProperties().get("socketFactory"));
				assertThat(call(context, () -> select(second))).isEqualTo(1);
			}
		});
	}

	private static HikariDataSource unstartedCopy(HikariDataSource pool) {
		HikariDataSource copy = new HikariDataSource();
		copy.setJdbcUrl(pool.getJdbcUrl());
		copy.setUsername(pool.getUsername());
		copy.setPassword(pool.getPassword());
		copy.setMaximumPoolSize(2);
		return copy;
	}

	private static int select(DataSource dataSource) {
		return JdbcClient.create(dataSource).sql("select 1").query(Integer.class).single();
	}

	private static HikariDataSource pool(ConfigurableApplicationContext context) {
		return context.getBean(HikariDataSource.class);
	}

	private static <T> T call(ConfigurableApplicationContext context, Callable<T> task) {
		try {
			return context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
				.submit(task)
				.get(30, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	private static void run(ConcurrencyModel model, BiConsumer<Orders, ConfigurableApplicationContext> test) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.model=" + model, "cooperative.jdbc.event-loop.threads=1",
					"spring.jpa.hibernate.ddl-auto=create-drop")
			.run()) {
			test.accept(context.getBean(Orders.class), context);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EntityScan(basePackageClasses = SpringBehaviourTests.class)
	static class Application {

		@Bean
		Orders orders(EntityManager entityManager, Inner inner) {
			return new Orders(entityManager, inner);
		}

		@Bean
		Inner inner(EntityManager entityManager) {
			return new Inner(entityManager);
		}

	}

	static class Inner {

		private final EntityManager entityManager;

		Inner(EntityManager entityManager) {
			this.entityManager = entityManager;
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		Long backend() {
			return Orders.backend(this.entityManager);
		}

	}

	static class Orders {

		private final EntityManager entityManager;

		private final Inner inner;

		Orders(EntityManager entityManager, Inner inner) {
			this.entityManager = entityManager;
			this.inner = inner;
		}

		static Long backend(EntityManager entityManager) {
			return ((Number) entityManager.createNativeQuery("select pg_backend_pid()").getSingleResult()).longValue();
		}

		@Transactional
		Long create(String name, int lines) {
			Order order = new Order();
			for (int i = 0; i < lines; i++) {
				order.lines.add(new OrderLine(name + i));
			}
			this.entityManager.persist(order);
			return order.id();
		}

		@Transactional
		void createAndFail() {
			create("failing", 1);
			this.entityManager.flush();
			throw new IllegalStateException("rolled back");
		}

		@Transactional(readOnly = true)
		int lines(Long id) {
			return find(id).size();
		}

		@Transactional(readOnly = true)
		Order find(Long id) {
			return this.entityManager.find(Order.class, id);
		}

		@Transactional(readOnly = true)
		Long count() {
			return this.entityManager.createQuery("select count(o) from SpringBehaviourOrder o", Long.class)
				.getSingleResult();
		}

		@Transactional
		List<Long> backendsOfOuterAndInner() {
			return List.of(backend(this.entityManager), this.inner.backend());
		}

	}

	@Entity(name = "SpringBehaviourOrder")
	static class Order {

		@Id
		@GeneratedValue
		private @Nullable Long id;

		@OneToMany(cascade = CascadeType.ALL)
		private final List<OrderLine> lines = new ArrayList<>();

		Long id() {
			if (this.id == null) {
				throw new IllegalStateException("Not persistent");
			}
			return this.id;
		}

		int size() {
			return this.lines.size();
		}

	}

	@Entity(name = "order_line")
	static class OrderLine {

		@Id
		@GeneratedValue
		private @Nullable Long id;

		private String name = "";

		OrderLine() {
		}

		OrderLine(String name) {
			this.name = name;
		}

	}

}
