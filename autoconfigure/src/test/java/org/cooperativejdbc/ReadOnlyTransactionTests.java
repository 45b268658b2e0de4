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

import java.util.List;
import java.util.Objects;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.HoldTimeAutoConfiguration;
import org.cooperativejdbc.autoconfigure.ReadOnlyAutoConfiguration;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpointAutoConfiguration;
import org.cooperativejdbc.autoconfigure.metrics.ReadOnlyMetricsAutoConfiguration;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.driver.ReadOnlyTransactions;
import org.cooperativejdbc.spring.ReadOnlyBeginAdvisor;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Applications whose read-only transactions begin and end in fewer round trips.
 */
class ReadOnlyTransactionTests {

	private static final String OVERLAPPED = "cooperative.jdbc.read-only.commit=overlapped";

	private static final String LAZY = "cooperative.jdbc.read-only.begin=lazy";

	private static final String LAZY_WHERE_ENFORCED = "cooperative.jdbc.read-only.begin=lazy-where-enforced";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				EventLoopAutoConfiguration.class, HoldTimeAutoConfiguration.class,
				CooperativeJdbcEndpointAutoConfiguration.class, ReadOnlyMetricsAutoConfiguration.class,
				ReadOnlyAutoConfiguration.class, DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class))
		.withPropertyValues(TestDatabase.instance().properties())
		.withPropertyValues("management.endpoints.web.exposure.include=cooperativejdbc",
				"spring.datasource.hikari.maximum-pool-size=2");

	@ParameterizedTest
	@CsvSource({ "virtual, true", "virtual, false", "event-loop, true" })
	void jdbcTransactions(String model, boolean autoCommit) {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=" + model, OVERLAPPED,
					"spring.datasource.hikari.auto-commit=" + autoCommit)
			.run((context) -> {
				JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
				TransactionTemplate readOnly = transactions(context, true);
				TransactionTemplate readWrite = transactions(context, false);
				readWrite.executeWithoutResult((status) -> {
					jdbc.execute("drop table if exists read_only_commit");
					jdbc.execute("create table read_only_commit (number int)");
				});
				for (int i = 0; i < 20; i++) {
					int number = i;
					assertThat(readOnly.<Integer>execute((status) -> {
						readWrite.executeWithoutResult(
								(inner) -> jdbc.update("insert into read_only_commit values (?)", number));
						return count(jdbc);
					})).isEqualTo(i + 1);
				}
				readWrite.executeWithoutResult((status) -> {
					jdbc.update("delete from read_only_commit");
					status.setRollbackOnly();
				});
				assertThat(readOnly.<Integer>execute((status) -> count(jdbc))).isEqualTo(20);
				assertThat(context.getBean(CooperativeJdbc.class).dataSources()).containsEntry("dataSource",
						"PostgreSQL socket factory installed, COMMITs of read-only transactions overlapped");
				assertThat(overlapped(context)).isBetween(15L, 21L);
				assertThat(context.getBean(CooperativeJdbcEndpoint.class).cooperativeJdbc().overlappedCommits())
					.isBetween(15L, 21L);
			});
	}

	@Test
	void jpaTransactions() {
		this.contextRunner.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(NoEntities.class)
			.withPropertyValues("cooperative.jdbc.model=virtual", OVERLAPPED)
			.run((context) -> {
				EntityManager entityManager = SharedEntityManagerCreator
					.createSharedEntityManager(context.getBean(EntityManagerFactory.class));
				TransactionTemplate readOnly = transactions(context, true);
				for (int i = 0; i < 10; i++) {
					Object number = readOnly
						.execute((status) -> entityManager.createNativeQuery("select 1").getSingleResult());
					assertThat(number).isEqualTo(1);
				}
				assertThat(overlapped(context)).isBetween(8L, 10L);
			});
	}

	@Test
	void meterCountsThem() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual", OVERLAPPED).run((context) -> {
			MeterRegistry registry = new SimpleMeterRegistry();
			context.getBean(MeterBinder.class).bindTo(registry);
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			TransactionTemplate readOnly = transactions(context, true);
			for (int i = 0; i < 10; i++) {
				readOnly.executeWithoutResult((status) -> jdbc.queryForList("select 1"));
			}
			assertThat(registry.get("cooperative.jdbc.commits.overlapped").functionCounter().count()).isBetween(8.0,
					10.0);
		});
	}

	@Test
	void connectionIsTheDriversUnlessToldOtherwise() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual").run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			assertThat(jdbc
				.execute((ConnectionCallback<Object>) (connection) -> connection.unwrap(PgConnection.class).getClass()))
				.isEqualTo(PgConnection.class);
			assertThat(context.getBean(CooperativeSockets.class).readOnlyTransactions()).isNull();
			assertThat(context.getBean(CooperativeJdbcEndpoint.class).cooperativeJdbc().overlappedCommits()).isNull();
			assertThat(context.getBean(CooperativeJdbcEndpoint.class).cooperativeJdbc().elidedTransactions()).isNull();
			assertThat(context).doesNotHaveBean(MeterBinder.class).doesNotHaveBean(ReadOnlyBeginAdvisor.class);
		});
	}

	@Test
	void poolThatSavesNoRoundTripIsReported() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", OVERLAPPED,
					"spring.datasource.hikari.data-source-properties.connectExecutor=example.Executor")
			.run((context) -> {
				CooperativeJdbc cooperativeJdbc = context.getBean(CooperativeJdbc.class);
				List<Finding> findings = cooperativeJdbc.findings();
				assertThat(findings).filteredOn((finding) -> finding.id().equals("read-only"))
					.singleElement()
					.satisfies((finding) -> assertThat(finding.advice()).isTrue());
				assertThat(cooperativeJdbc.dataSources().get("dataSource"))
					.endsWith("read-only transactions unchanged, because 'connectExecutor' is set");
			});
	}

	@ParameterizedTest
	@CsvSource({ "virtual, true", "virtual, false", "event-loop, true" })
	void lazyTransactions(String model, boolean autoCommit) {
		this.contextRunner.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(NoEntities.class)
			.withPropertyValues("cooperative.jdbc.model=" + model, LAZY,
					"spring.datasource.hikari.auto-commit=" + autoCommit)
			.run((context) -> {
				JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
				EntityManager entityManager = SharedEntityManagerCreator
					.createSharedEntityManager(context.getBean(EntityManagerFactory.class));
				TransactionTemplate readOnly = transactions(context, true);
				TransactionTemplate readWrite = transactions(context, false);
				readWrite.executeWithoutResult((status) -> {
					jdbc.execute("drop table if exists read_only_commit");
					jdbc.execute("create table read_only_commit (number int)");
				});
				for (int i = 0; i < 20; i++) {
					int number = i;
					assertThat(readOnly.<Integer>execute((status) -> {
						readWrite.executeWithoutResult(
								(inner) -> jdbc.update("insert into read_only_commit values (?)", number));
						return count(jdbc);
					})).isEqualTo(i + 1);
					assertThat(readOnly.<Object>execute((status) -> entityManager
						.createNativeQuery("select number from read_only_commit where number = " + number)
						.getSingleResult())).isEqualTo(i);
				}
				assertThatExceptionOfType(DataAccessException.class)
					.isThrownBy(() -> readOnly.executeWithoutResult((status) -> {
						count(jdbc);
						jdbc.update("delete from read_only_commit");
					}));
				assertThat(readOnly.<Integer>execute((status) -> count(jdbc))).isEqualTo(20);
				assertThat(context.getBean(CooperativeJdbc.class).dataSources()).containsEntry("dataSource",
						"PostgreSQL socket factory installed, read-only transactions begun lazily");
				assertThat(elided(context)).isBetween(36L, 41L);
				assertThat(context.getBean(CooperativeJdbcEndpoint.class).cooperativeJdbc().elidedTransactions())
					.isBetween(36L, 41L);
				MeterRegistry registry = new SimpleMeterRegistry();
				context.getBean(MeterBinder.class).bindTo(registry);
				assertThat(registry.get("cooperative.jdbc.transactions.elided").functionCounter().count())
					.isBetween(36.0, 41.0);
			});
	}

	@Test
	void transactionsAreLazyWhereTheServerRefusesToWrite() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual", LAZY_WHERE_ENFORCED).run((context) -> {
			readTenTimes(context);
			assertThat(elided(context)).isZero();
			assertThat(context.getBean(CooperativeJdbc.class).dataSources().get("dataSource"))
				.endsWith("read-only transactions begun lazily where the server refuses to write");
		});
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", LAZY_WHERE_ENFORCED,
					"spring.datasource.hikari.connection-init-sql=set default_transaction_read_only to on")
			.run((context) -> {
				readTenTimes(context);
				assertThat(elided(context)).isBetween(8L, 10L);
			});
	}

	@Test
	void labelSaysWhenATransactionBegins() {
		this.contextRunner.withUserConfiguration(Reports.class)
			.withPropertyValues("cooperative.jdbc.model=virtual", LAZY)
			.run((context) -> {
				Reports reports = context.getBean(Reports.class);
				readTenTimes(context);
				long before = elided(context);
				assertThat(reports.unlabelled()).isEqualTo(TransactionState.IDLE);
				assertThat(reports.standard()).isEqualTo(TransactionState.OPEN);
				assertThat(reports.mistaken()).isEqualTo(TransactionState.IDLE);
				assertThat(elided(context)).isEqualTo(before + 2);
				assertThat(ReadOnlyBegin.current()).isNull();
			});
		this.contextRunner.withUserConfiguration(Reports.class)
			.withPropertyValues("cooperative.jdbc.model=virtual", LAZY_WHERE_ENFORCED)
			.run((context) -> {
				Reports reports = context.getBean(Reports.class);
				reports.lazy();
				reports.lazy();
				assertThat(reports.unlabelled()).isEqualTo(TransactionState.OPEN);
				assertThat(reports.lazy()).isEqualTo(TransactionState.IDLE);
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { OVERLAPPED, LAZY })
	void propertyThatHasNoEffectIsReported(String property) {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=platform", property).run((context) -> {
			readTenTimes(context);
			assertThat(context.getBean(CooperativeJdbc.class).findings())
				.filteredOn((finding) -> finding.id().equals("read-only"))
				.singleElement()
				.satisfies((finding) -> assertThat(finding.problem()).contains("platform"));
		});
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=platform")
			.run((context) -> assertThat(context.getBean(CooperativeJdbc.class).findings()).isEmpty());
	}

	private static void readTenTimes(ApplicationContext context) {
		JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
		for (int i = 0; i < 10; i++) {
			transactions(context, true).executeWithoutResult((status) -> jdbc.queryForList("select 1"));
		}
	}

	private static @Nullable Long overlapped(ApplicationContext context) {
		return transactions(context).overlapped();
	}

	private static long elided(ApplicationContext context) {
		Long elided = transactions(context).elided();
		return (elided != null) ? elided : 0;
	}

	private static ReadOnlyTransactions transactions(ApplicationContext context) {
		return Objects.requireNonNull(context.getBean(CooperativeSockets.class).readOnlyTransactions());
	}

	private static int count(JdbcTemplate jdbc) {
		Integer count = jdbc.queryForObject("select count(*) from read_only_commit", Integer.class);
		return (count != null) ? count : 0;
	}

	private static TransactionTemplate transactions(ApplicationContext context, boolean readOnly) {
		TransactionTemplate transactions = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
		transactions.setReadOnly(readOnly);
		transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		return transactions;
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage(basePackages = "com.example.no.entities")
	static class NoEntities {

	}

	@Transactional(readOnly = true)
	static class Reports {

		private final JdbcTemplate jdbc;

		Reports(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		TransactionState unlabelled() {
			return read();
		}

		@Transactional(readOnly = true, label = "cooperative.jdbc.read-only.begin=standard")
		TransactionState standard() {
			return read();
		}

		@Transactional(readOnly = true, label = { "other", "cooperative.jdbc.read-only.begin=lazy" })
		TransactionState lazy() {
			return read();
		}

		@Transactional(readOnly = true, label = "cooperative.jdbc.read-only.begin=later")
		TransactionState mistaken() {
			return read();
		}

		private TransactionState read() {
			this.jdbc.queryForList("select 1");
			TransactionState state = this.jdbc
				.execute((ConnectionCallback<TransactionState>) (connection) -> connection.unwrap(PgConnection.class)
					.getTransactionState());
			return Objects.requireNonNull(state);
		}

	}

}
