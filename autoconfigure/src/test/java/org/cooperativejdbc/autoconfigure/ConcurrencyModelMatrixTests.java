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

package org.cooperativejdbc.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.carrier.CarriedThreads;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.assertj.ApplicationContextAssertProvider;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is detected and installed, over all combinations of application, threads, JVM,
 * database, user settings and explicit model. The JVM is the one that runs the tests:
 * they run once where {@code java.lang} is open and once where it is not.
 */
@Tag("java-lang-closed")
class ConcurrencyModelMatrixTests {

	private static final boolean javaLangOpen = CarriedThreads.unavailableReason() == null;

	private static final String USER_FACTORY = "com.example.UserSocketFactory";

	static Stream<Combination> combinations() {
		return Stream.of(WebApplicationType.values())
			.flatMap((application) -> Stream.of("unset", "true", "false")
				.flatMap((virtualThreads) -> Stream.of("auto", "platform", "virtual", "event-loop")
					.flatMap((model) -> databases(application, virtualThreads, model))));
	}

	private static Stream<Combination> databases(WebApplicationType application, String virtualThreads, String model) {
		return Stream.of("postgresql", "h2")
			.flatMap((database) -> Stream.of(true, false)
				.map((userFactory) -> new Combination(application, virtualThreads, database, userFactory, model)));
	}

	@ParameterizedTest
	@MethodSource("combinations")
	void detectsAndInstalls(Combination combination) {
		runner(combination.application()).run((context) -> check(combination, context), combination);
	}

	private static void check(Combination combination, ApplicationContextAssertProvider<?> context) {
		if (combination.model().equals("event-loop") && !javaLangOpen) {
			assertThat(context.getStartupFailure()).hasRootCauseInstanceOf(ConcurrencyModelUnavailableException.class);
			return;
		}
		assertThat(context.getStartupFailure()).isNull();
		ApplicationContext applicationContext = context.getSourceApplicationContext();
		CooperativeJdbc cooperativeJdbc = applicationContext.getBean(CooperativeJdbc.class);
		ConcurrencyModel expected = combination.expectedModel();
		assertThat(cooperativeJdbc.model()).isEqualTo(expected);
		assertThat(applicationContext.getBeanNamesForType(EventLoops.class))
			.hasSize((expected == ConcurrencyModel.EVENT_LOOP) ? 1 : 0);
		Properties properties = applicationContext.getBean(HikariDataSource.class).getDataSourceProperties();
		assertThat(properties.getProperty("socketFactory")).isEqualTo(combination.expectedFactory());
		if (expected == ConcurrencyModel.PLATFORM) {
			assertThat(cooperativeJdbc.dataSources()).isEmpty();
			assertThat(cooperativeJdbc.tunings()).isEmpty();
		}
		else {
			assertThat(cooperativeJdbc.dataSources())
				.containsExactly(Map.entry("dataSource", combination.expectedOutcome()));
		}
	}

	private static Runner runner(WebApplicationType application) {
		return (test, combination) -> {
			switch (application) {
				case SERVLET -> run(new WebApplicationContextRunner(), test, combination);
				case REACTIVE -> run(new ReactiveWebApplicationContextRunner(), test, combination);
				case NONE -> run(new ApplicationContextRunner(), test, combination);
			}
		};
	}

	private static <SELF extends AbstractApplicationContextRunner<SELF, C, A>, C extends ConfigurableApplicationContext, A extends ApplicationContextAssertProvider<C>> void run(
			AbstractApplicationContextRunner<SELF, C, A> runner, ContextTest test, Combination combination) {
		runner
			.withConfiguration(
					AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class, EventLoopAutoConfiguration.class,
							DataSourceAutoConfiguration.class, TaskExecutionAutoConfiguration.class))
			.withPropertyValues(combination.properties())
			.withInitializer((context) -> new CooperativeJdbcEnvironmentPostProcessor()
				.postProcessEnvironment(context.getEnvironment(), application(combination.application())))
			.run(test::check);
	}

	private static SpringApplication application(WebApplicationType type) {
		SpringApplication application = new SpringApplication();
		application.setWebApplicationType(type);
		return application;
	}

	@FunctionalInterface
	interface ContextTest {

		void check(ApplicationContextAssertProvider<?> context);

	}

	@FunctionalInterface
	interface Runner {

		void run(ContextTest test, Combination combination);

	}

	record Combination(WebApplicationType application, String virtualThreads, String database, boolean userFactory,
			String model) {

		String[] properties() {
			List<String> properties = new ArrayList<>();
			properties.add("cooperative.jdbc.model=" + this.model);
			properties.add("cooperative.jdbc.event-loop.threads=1");
			if (!this.virtualThreads.equals("unset")) {
				properties.add("spring.threads.virtual.enabled=" + this.virtualThreads);
			}
			properties.add("spring.datasource.url="
					+ (this.database.equals("h2") ? "jdbc:h2:mem:matrix" : "jdbc:postgresql://localhost:5432/test"
							+ (this.userFactory ? "?socketFactory=" + USER_FACTORY : "")));
			return properties.toArray(String[]::new);
		}

		/**
		 * The table of the design, spelled out.
		 */
		ConcurrencyModel expectedModel() {
			return switch (this.model) {
				case "platform" -> ConcurrencyModel.PLATFORM;
				case "virtual" -> ConcurrencyModel.VIRTUAL;
				case "event-loop" -> ConcurrencyModel.EVENT_LOOP;
				default -> {
					boolean virtual = this.virtualThreads.equals("unset")
							? this.application == WebApplicationType.REACTIVE
							: Boolean.parseBoolean(this.virtualThreads);
					yield !virtual ? ConcurrencyModel.PLATFORM
							: (javaLangOpen && this.application == WebApplicationType.REACTIVE)
									? ConcurrencyModel.EVENT_LOOP : ConcurrencyModel.VIRTUAL;
				}
			};
		}

		@Nullable String expectedFactory() {
			boolean installed = expectedModel() != ConcurrencyModel.PLATFORM && this.database.equals("postgresql")
					&& !this.userFactory;
			return installed ? CooperativeSocketFactory.class.getName() : null;
		}

		String expectedOutcome() {
			if (this.database.equals("h2")) {
				return "h2 has no socket factory to install";
			}
			return this.userFactory ? "socket factory " + USER_FACTORY + " kept"
					: "PostgreSQL socket factory installed";
		}

	}

}
