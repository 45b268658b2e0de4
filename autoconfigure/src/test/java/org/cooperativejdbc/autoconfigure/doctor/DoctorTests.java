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

package org.cooperativejdbc.autoconfigure.doctor;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.spring.Check;
import org.cooperativejdbc.spring.Doctor;
import org.cooperativejdbc.spring.FindingsException;
import org.cooperativejdbc.test.PoolerProxy;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link Doctor} and the checks of the set-up: each faulty setting is found,
 * and is not found when it is right.
 */
@ExtendWith(OutputCaptureExtension.class)
class DoctorTests {

	private static final String AUTO_COMMIT_OFF = "spring.datasource.hikari.auto-commit=false";

	private static final String AUTO_COMMIT_TOLD = "spring.jpa.properties.hibernate.connection.provider_disables_autocommit=true";

	private final ApplicationContextRunner contextRunner = configure(new ApplicationContextRunner());

	private final WebApplicationContextRunner webContextRunner = configure(new WebApplicationContextRunner());

	private static <R extends AbstractApplicationContextRunner<R, ?, ?>> R configure(R runner) {
		return runner
			.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
					EventLoopAutoConfiguration.class, DoctorAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues(TestDatabase.instance().properties())
			.withPropertyValues("cooperative.jdbc.model=virtual", "spring.threads.virtual.enabled=true",
					"spring.datasource.hikari.maximum-pool-size=2");
	}

	@Test
	void findingsAreOneMessage(CapturedOutput output) {
		this.contextRunner.withBean("broken", Check.class, DoctorTests::brokenCheck)
			.withBean("other", Check.class,
					() -> () -> List.of(new Finding("other", "So is that", "it hurts", "Mend it")))
			.run((context) -> {
				assertThat(context.getBean(CooperativeJdbc.class).findings()).contains(brokenFinding());
				assertThat(output).containsOnlyOnce("WARN")
					.containsOnlyOnce("Cooperative JDBC found:")
					.containsOnlyOnce("    - It is broken: it hurts. Mend it [broken]")
					.containsOnlyOnce("    - So is that: it hurts. Mend it [other]");
			});
	}

	@Test
	void adviceIsOneLineAndNoReasonToFail(CapturedOutput output) {
		ApplicationContextRunner runner = this.contextRunner.withBean("advice", Check.class,
				() -> () -> List.of(new Finding("advice", "It could be better", "it hurts", "Mend it").asAdvice()));
		runner.run((context) -> assertThat(output.toString()
			.lines()
			.filter((line) -> line.contains("INFO") && line.contains("It could be better [advice]"))).hasSize(1));
		runner.withBean("broken", Check.class, DoctorTests::brokenCheck)
			.withPropertyValues("cooperative.jdbc.doctor=fail")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("It is broken")
				.hasMessageNotContaining("It could be better"));
	}

	@Test
	void checkThatFailsIsNone(CapturedOutput output) {
		this.contextRunner.withBean("failing", Check.class, () -> () -> {
			throw new IllegalStateException("odd");
		}).withBean("broken", Check.class, DoctorTests::brokenCheck).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(CooperativeJdbc.class).findings()).contains(brokenFinding());
			assertThat(output).doesNotContain("odd");
		});
	}

	@Test
	void nothingIsLookedForWhenOff(CapturedOutput output) {
		this.contextRunner.withBean("broken", Check.class, DoctorTests::brokenCheck)
			.withPropertyValues("cooperative.jdbc.doctor=off")
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(Doctor.class).doesNotHaveBean(SetupCheck.class);
				assertThat(context.getBean(CooperativeJdbc.class).findings()).isEmpty();
				assertThat(output).doesNotContain("It is broken");
			});
	}

	@Test
	void platformThreadsAreNotLookedAt() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=platform")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(Doctor.class));
	}

	@Test
	void failListsAllFindings(CapturedOutput output) {
		SpringApplicationBuilder application = new SpringApplicationBuilder(FailingApplication.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.model=virtual", "cooperative.jdbc.doctor=fail",
					"spring.datasource.hikari.maximum-pool-size=2",
					"spring.datasource.hikari.data-source-properties.socketFactory=javax.net.DefaultSocketFactory");
		assertThatException().isThrownBy(application::run).withRootCauseInstanceOf(FindingsException.class);
		assertThat(output).contains("'cooperative.jdbc.doctor' is 'fail' and there are findings",
				"It is broken: it hurts", "broken: Mend it", "socket factory javax.net.DefaultSocketFactory kept",
				"Remove 'socketFactory' from the URL");
	}

	@Test
	void unrelatedFailureIsNotAnalyzed() {
		assertThat(new FindingsFailureAnalyzer().analyze(new IllegalStateException())).isNull();
	}

	@Test
	void socketFactoryOfTheUser() {
		this.contextRunner
			.withPropertyValues(
					"spring.datasource.hikari.data-source-properties.socketFactory=javax.net.DefaultSocketFactory")
			.run(found("socket-factory"));
		this.contextRunner.run(notFound("socket-factory"));
	}

	@Test
	void poolThatStartedTooEarly() {
		this.contextRunner.withUserConfiguration(StartedPoolConfiguration.class).run(found("socket-factory"));
	}

	@Test
	void openEntityManagerInView() {
		WebApplicationContextRunner runner = this.webContextRunner.withUserConfiguration(JpaConfiguration.class);
		runner.run(found("open-in-view"));
		runner.withPropertyValues("spring.jpa.open-in-view=true").run(found("open-in-view"));
		runner.withPropertyValues("spring.jpa.open-in-view=false").run(notFound("open-in-view"));
	}

	@Test
	void openEntityManagerInViewConcernsServletApplicationsOnly() {
		this.contextRunner.withUserConfiguration(JpaConfiguration.class).run(notFound("open-in-view"));
	}

	@Test
	void autoCommitThatNobodyDisables() {
		ApplicationContextRunner runner = this.contextRunner.withUserConfiguration(JpaConfiguration.class)
			.withPropertyValues(AUTO_COMMIT_TOLD);
		runner.run(found("auto-commit"));
		runner.withPropertyValues(AUTO_COMMIT_OFF).run(notFound("auto-commit"));
	}

	@Test
	void poolLargerThanTheServerAllows() {
		this.contextRunner
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=2000",
					"spring.datasource.hikari.minimum-idle=1")
			.run(found("pool-size"));
		this.contextRunner
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=20",
					"spring.datasource.hikari.minimum-idle=1", "cooperative.jdbc.pool.instances=100")
			.run(found("pool-size"));
		this.contextRunner
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=20",
					"spring.datasource.hikari.minimum-idle=1")
			.run(notFound("pool-size"));
	}

	@Test
	void remedyNamesWhatSetsTheSizeOfThePool() {
		this.contextRunner
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=2000",
					"spring.datasource.hikari.minimum-idle=1")
			.run(remedied("pool-size", "Set spring.datasource.hikari.maximum-pool-size to at most ",
					", or leave it unset and set cooperative.jdbc.pool.instances"));
		this.contextRunner.withUserConfiguration(BoundPoolConfiguration.class)
			.withPropertyValues("orders.pool.maximum-pool-size=2000")
			.run(remedied("pool-size", "Set orders.pool.maximum-pool-size to at most ",
					", or leave it unset and set cooperative.jdbc.pool.instances"));
		this.contextRunner.withUserConfiguration(PoolConfiguration.class)
			.run(remedied("pool-size", "Set maximum-pool-size of the pool 'orders' to at most ", ""));
	}

	@Test
	void remedyNamesWhatSwitchesAutoCommitOff() {
		ApplicationContextRunner runner = this.contextRunner.withUserConfiguration(JpaConfiguration.class)
			.withPropertyValues(AUTO_COMMIT_TOLD);
		runner.run(remedied("auto-commit", "Set spring.datasource.hikari.auto-commit to false", ""));
		runner.withUserConfiguration(BoundPoolConfiguration.class)
			.run(remedied("auto-commit", "Set orders.pool.auto-commit to false", ""));
	}

	@Test
	void moreInstancesThanTheServerHasConnections() {
		this.contextRunner
			.withPropertyValues("spring.datasource.hikari.minimum-idle=1", "cooperative.jdbc.pool.instances=100000")
			.run((context) -> assertThat(context.getBean(CooperativeJdbc.class).findings())
				.filteredOn((finding) -> finding.id().equals("pool-size"))
				.singleElement()
				.extracting(Finding::remedy)
				.asString()
				.contains("Lower cooperative.jdbc.pool.instances", "max_connections"));
	}

	@Test
	void pipelineOfTheDriver() {
		String property = "spring.datasource.hikari.data-source-properties.pipelineMode=";
		this.contextRunner.withPropertyValues(property + "true").run(found("pgjdbc-pipeline"));
		this.contextRunner.withPropertyValues(property + "false").run(notFound("pgjdbc-pipeline"));
		this.contextRunner.withPropertyValues("cooperative.jdbc.read-only.begin=lazy", property + "true")
			.run((context) -> assertThat(context.getBean(CooperativeJdbc.class).dataSources().get("dataSource"))
				.endsWith("read-only transactions unchanged, because 'pipelineMode' is set"));
	}

	@Test
	void preparedStatementsBehindAPoolerInTransactionMode() throws IOException {
		try (PoolerProxy pooler = new PoolerProxy(TestDatabase.instance(), true, UnaryOperator.identity())) {
			ApplicationContextRunner runner = this.contextRunner
				.withPropertyValues("spring.datasource.url=" + pooler.url());
			runner.run(found("prepared-statements"));
			runner.run(found("pooler-cancel"));
			runner.withPropertyValues("cooperative.jdbc.interrupt=defer").run(notFound("pooler-cancel"));
			runner.withPropertyValues("spring.datasource.hikari.data-source-properties.prepareThreshold=0")
				.run(notFound("prepared-statements"));
			ApplicationContextRunner single = runner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=1");
			single.run(found("pooler-cancel"));
			single.run(notFound("prepared-statements"));
		}
		this.contextRunner.run(notFound("prepared-statements"));
		this.contextRunner.run(notFound("pooler-cancel"));
		this.contextRunner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=1")
			.run(notFound("pooler-cancel"));
	}

	@Test
	void severalServersWithoutATimeout() {
		String host = TestDatabase.instance().url().replaceFirst(".*//([^/]+)/.*", "$1");
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues(
				"spring.datasource.url=" + TestDatabase.instance().url().replace(host, host + "," + host));
		runner.run(found("silent-server"));
		runner.withPropertyValues("spring.datasource.hikari.data-source-properties.socketTimeout=60")
			.run(notFound("silent-server"));
		runner.withPropertyValues("cooperative.jdbc.request-timeout=5s").run(notFound("silent-server"));
		this.contextRunner.run(notFound("silent-server"));
	}

	@Test
	void limitOfAsync() {
		ApplicationContextRunner runner = this.contextRunner
			.withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class));
		runner.withPropertyValues("spring.task.execution.simple.concurrency-limit=1").run(notFound("async-limit"));
		runner = runner.withUserConfiguration(AsyncConfiguration.class);
		runner.withPropertyValues("spring.task.execution.simple.concurrency-limit=1").run(found("async-limit"));
		runner.withPropertyValues("spring.task.execution.simple.concurrency-limit=2").run(notFound("async-limit"));
		runner.run(notFound("async-limit"));
	}

	@Test
	void fewThreadsForAsync() {
		ApplicationContextRunner runner = this.contextRunner.withUserConfiguration(ThreadPoolConfiguration.class,
				AsyncConfiguration.class);
		runner.withPropertyValues("threads=1").run(found("async-limit"));
		runner.withPropertyValues("threads=2").run(notFound("async-limit"));
	}

	private static Consumer<Finding> id(String id) {
		return (finding) -> {
			assertThat(finding.id()).isEqualTo(id);
			assertThat(finding.problem()).isNotBlank();
			assertThat(finding.reason()).isNotBlank();
			assertThat(finding.remedy()).isNotBlank().doesNotEndWith(".");
		};
	}

	private static <C extends ApplicationContext> ContextConsumer<C> found(String id) {
		return (context) -> assertThat(context.getBean(CooperativeJdbc.class).findings()).satisfiesOnlyOnce(id(id));
	}

	private static <C extends ApplicationContext> ContextConsumer<C> notFound(String id) {
		return (context) -> assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::id)
			.doesNotContain(id);
	}

	private static <C extends ApplicationContext> ContextConsumer<C> remedied(String id, String start, String end) {
		return (context) -> assertThat(context.getBean(CooperativeJdbc.class).findings())
			.filteredOn((finding) -> finding.id().equals(id))
			.singleElement()
			.extracting(Finding::remedy)
			.asString()
			.matches(Pattern.quote(start) + "\\d*" + Pattern.quote(end));
	}

	private static Finding brokenFinding() {
		return new Finding("broken", "It is broken", "it hurts", "Mend it");
	}

	private static Check brokenCheck() {
		return () -> List.of(brokenFinding());
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CooperativeJdbcAutoConfiguration.class, EventLoopAutoConfiguration.class,
			DoctorAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class FailingApplication {

		@Bean
		Check broken() {
			return brokenCheck();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration(HibernateJpaAutoConfiguration.class)
	static class JpaConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class AsyncConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	static class ThreadPoolConfiguration {

		@Bean
		ThreadPoolTaskExecutor executor(@Value("${threads}") int threads) {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setCorePoolSize(threads);
			return executor;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PoolConfiguration {

		@Bean
		HikariDataSource orders() {
			return pool();
		}

		private static HikariDataSource pool() {
			TestDatabase database = TestDatabase.instance();
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(database.url());
			pool.setUsername(database.username());
			pool.setPassword(database.password());
			pool.setMaximumPoolSize(2000);
			pool.setMinimumIdle(1);
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BoundPoolConfiguration {

		@Bean
		@ConfigurationProperties("orders.pool")
		HikariDataSource orders() {
			return PoolConfiguration.pool();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class StartedPoolConfiguration {

		@Bean
		HikariDataSource started() {
			TestDatabase database = TestDatabase.instance();
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(database.url());
			config.setUsername(database.username());
			config.setPassword(database.password());
			config.setMaximumPoolSize(1);
			return new HikariDataSource(config);
		}

	}

}
