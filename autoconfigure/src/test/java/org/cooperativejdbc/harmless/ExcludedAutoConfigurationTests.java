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

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import javax.sql.DataSource;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.assertj.ApplicationContextAssertProvider;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications that exclude one of the auto-configurations: they start, with what is
 * left.
 */
class ExcludedAutoConfigurationTests {

	private static final List<String> NAMES = StreamSupport
		.stream(ImportCandidates.load(AutoConfiguration.class, null).spliterator(), false)
		.filter((name) -> name.startsWith("org.cooperativejdbc."))
		.toList();

	static Stream<String> excluded() {
		return Stream.concat(Stream.of("all", "none"), NAMES.stream());
	}

	@ParameterizedTest
	@MethodSource("excluded")
	void applicationStarts(String excluded) {
		assertStarts(new ApplicationContextRunner(), "virtual", excluded);
		assertStarts(new WebApplicationContextRunner(), "virtual", excluded);
		assertStarts(new ReactiveWebApplicationContextRunner(), "virtual", excluded);
		if (!excluded.equals(EventLoopAutoConfiguration.class.getName())) {
			assertStarts(new ReactiveWebApplicationContextRunner(), "event-loop", excluded);
		}
	}

	private static <S extends AbstractApplicationContextRunner<S, C, A>, C extends ConfigurableApplicationContext, A extends ApplicationContextAssertProvider<C>> void assertStarts(
			AbstractApplicationContextRunner<S, C, A> runner, String model, String excluded) {
		List<Class<?>> configurations = new ArrayList<>(
				List.of(DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
						TransactionAutoConfiguration.class, TaskExecutionAutoConfiguration.class));
		NAMES.stream()
			.filter((name) -> !name.equals(excluded) && !excluded.equals("all"))
			.map((name) -> ClassUtils.resolveClassName(name, null))
			.forEach(configurations::add);
		runner.withConfiguration(AutoConfigurations.of(configurations.toArray(Class<?>[]::new)))
			.withPropertyValues(TestDatabase.instance().properties())
			.withPropertyValues("cooperative.jdbc.model=" + model, "cooperative.jdbc.pool.warm-up=false",
					"cooperative.jdbc.web.requests.limit=10", "cooperative.jdbc.request-timeout=10s",
					"cooperative.jdbc.web.share-header=Tenant", "cooperative.jdbc.executors.reports.limit=2",
					"cooperative.jdbc.read-only.begin=lazy", "management.endpoints.web.exposure.include=*")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(
						new JdbcTemplate(context.getBean(DataSource.class)).queryForObject("select 1", Integer.class))
					.isOne();
			});
	}

	/**
	 * What it then is, it says.
	 */
	@Test
	void reactiveApplicationWithoutEventLoops() {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.REACTIVE)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "spring.autoconfigure.exclude=" + EventLoopAutoConfiguration.class.getName())
			.run()) {
			CooperativeJdbc description = context.getBean(CooperativeJdbc.class);
			assertThat(description.model()).isEqualTo(ConcurrencyModel.VIRTUAL);
			assertThat(description.reason()).isEqualTo("reactive application, event loops excluded");
			assertThat(context.getBeanNamesForType(EventLoops.class)).isEmpty();
			assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isOne();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
