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

import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.CooperativeJdbcDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.DataSourceDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.EventLoopsDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.QueueDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.WaitsDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.WaitsInFlightDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpointAutoConfiguration;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcHealthContributorAutoConfiguration;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcHealthIndicator;
import org.cooperativejdbc.autoconfigure.doctor.DoctorAutoConfiguration;
import org.cooperativejdbc.autoconfigure.metrics.CooperativeJdbcMetricsAutoConfiguration;
import org.cooperativejdbc.autoconfigure.metrics.QueueObservationAutoConfiguration;
import org.cooperativejdbc.autoconfigure.metrics.ReadOnlyMetricsAutoConfiguration;
import org.cooperativejdbc.carrier.CarrierState;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.HoldTime;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.spring.BoundedTaskExecutor;
import org.cooperativejdbc.spring.CooperativeCallPostProcessor;
import org.cooperativejdbc.spring.ObservedQueues;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.QueryExecutor;

import org.springframework.aot.generate.GenerationContext;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.Configurations;
import org.springframework.boot.data.redis.autoconfigure.JedisClientConfigurationBuilderCustomizer;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that was processed ahead of time starts with the model it was processed
 * for and all that was configured, and what is called by reflection has hints.
 */
class AheadOfTimeTests {

	@Test
	@CompileWithForkedClassLoader
	void modelAndSocketFactoryAreThoseOfTheProcessing() {
		process((generationContext, initializer) -> {
			GenericApplicationContext context = new GenericApplicationContext();
			properties().applyTo(context);
			initializer.initialize(context);
			try (context) {
				context.refresh();
				CooperativeJdbc cooperativeJdbc = context.getBean(CooperativeJdbc.class);
				assertThat(cooperativeJdbc.model()).isEqualTo(ConcurrencyModel.EVENT_LOOP);
				assertThat(cooperativeJdbc.reason()).isEqualTo("cooperative.jdbc.model=event-loop");
				assertThat(context.getBeansOfType(EventLoops.class)).hasSize(1);
				assertThat(context.getBean(HikariDataSource.class).getDataSourceProperties())
					.containsEntry("socketFactory", CooperativeSocketFactory.class.getName());
				assertThat(context.getBeansOfType(HoldTimes.class)).hasSize(1);
				assertThat(context.containsBean("cooperativeJdbcDoctor")).isTrue();
				assertThat(context.getBean("reports")).isInstanceOf(BoundedTaskExecutor.class);
				assertThat(context.getBeanDefinition("reports").isFallback()).isTrue();
				assertThat(((AbstractBeanDefinition) context.getBeanDefinition("reports")).isDefaultCandidate())
					.isFalse();
				assertThat(context.getBeansOfType(CooperativeCallPostProcessor.class)).hasSize(1);
				assertThat(context.getBeansOfType(ClientHttpRequestFactoryBuilderCustomizer.class)).hasSize(1);
				assertThat(context.getBeansOfType(JedisClientConfigurationBuilderCustomizer.class)).hasSize(1);
			}
		});
	}

	@Test
	@CompileWithForkedClassLoader
	void whatCanBeSeenIsThere() {
		process((generationContext, initializer) -> {
			GenericApplicationContext context = new GenericApplicationContext();
			properties().applyTo(context);
			initializer.initialize(context);
			try (context) {
				context.refresh();
				CooperativeJdbcDescriptor descriptor = context.getBean(CooperativeJdbcEndpoint.class).cooperativeJdbc();
				assertThat(descriptor.model()).isEqualTo("event-loop");
				assertThat(descriptor.dataSources()).containsOnlyKeys("dataSource");
				assertThat(descriptor.overlappedCommits()).isZero();
				assertThat(Objects.requireNonNull(context.getBean(CooperativeJdbcHealthIndicator.class).health())
					.getStatus()).isEqualTo(Status.UP);
				assertThat(context.getBeansOfType(ObservedQueues.class)).hasSize(1);
				MeterRegistry registry = new SimpleMeterRegistry();
				context.getBeansOfType(MeterBinder.class).values().forEach((binder) -> binder.bindTo(registry));
				assertThat(registry.get("cooperative.jdbc.carrier.threads").gauge().value()).isPositive();
				assertThat(registry.get("cooperative.jdbc.commits.overlapped").functionCounter().count()).isZero();
			}
		});
	}

	@Test
	void whatIsCalledByReflectionHasHints() {
		process((generationContext, initializer) -> {
			RuntimeHints hints = generationContext.getRuntimeHints();
			assertThat(RuntimeHintsPredicates.reflection()
				.onConstructorInvocation(CooperativeSocketFactory.class.getConstructors()[0])).accepts(hints);
			for (String type : List.of("CancellingDriver", "MariadbSocketFactory", "MysqlSocketFactory")) {
				assertThat(reflection("org.cooperativejdbc.driver." + type, MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS))
					.as(type)
					.accepts(hints);
			}
			assertThat(reflection(HikariConfig.class.getName(), MemberCategory.ACCESS_DECLARED_FIELDS)).accepts(hints);
			assertThat(reflection(PoolingHttpClientConnectionManagerBuilder.class.getName(),
					MemberCategory.ACCESS_DECLARED_FIELDS))
				.accepts(hints);
			assertThat(reflection("redis.clients.jedis.builders.AbstractClientBuilder",
					MemberCategory.ACCESS_DECLARED_FIELDS))
				.accepts(hints);
		});
	}

	/**
	 * The actuator writes them as JSON.
	 */
	@Test
	void whatTheEndpointShowsHasHints() {
		process((generationContext, initializer) -> {
			for (Class<?> type : List.of(CooperativeJdbcDescriptor.class, DataSourceDescriptor.class,
					QueueDescriptor.class, WaitsInFlightDescriptor.class, WaitsDescriptor.class,
					EventLoopsDescriptor.class, CarrierState.class, HoldTime.class, Tuning.class, Finding.class)) {
				assertThat(reflection(type.getName(), MemberCategory.INVOKE_DECLARED_CONSTRUCTORS)).as(type.getName())
					.accepts(generationContext.getRuntimeHints());
			}
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "read-only.commit=overlapped", "read-only.begin=lazy" })
	void whatIsLookedIntoOfTheDriverHasHints(String property) {
		process("cooperative.jdbc." + property, (generationContext, initializer) -> {
			RuntimeHints hints = generationContext.getRuntimeHints();
			assertThat(RuntimeHintsPredicates.proxies().forInterfaces(QueryExecutor.class)).accepts(hints);
			assertThat(reflection("org.postgresql.core.v3.QueryExecutorImpl", MemberCategory.INVOKE_DECLARED_METHODS))
				.accepts(hints);
			assertThat(
					RuntimeHintsPredicates.reflection().onType(TypeReference.of("org.postgresql.core.v3.SimpleQuery")))
				.accepts(hints);
		});
	}

	private static Predicate<RuntimeHints> reflection(String type, MemberCategory category) {
		return RuntimeHintsPredicates.reflection().onType(TypeReference.of(type)).withMemberCategory(category);
	}

	private static TestPropertyValues properties() {
		return properties("cooperative.jdbc.read-only.commit=overlapped");
	}

	private static TestPropertyValues properties(String readOnly) {
		return TestPropertyValues.of("cooperative.jdbc.model=event-loop", "cooperative.jdbc.event-loop.threads=1",
				"cooperative.jdbc.executors.reports.limit=2", readOnly,
				"management.endpoints.web.exposure.include=cooperativejdbc",
				"spring.datasource.url=jdbc:postgresql://localhost:5432/test");
	}

	private static void process(
			BiConsumer<GenerationContext, ApplicationContextInitializer<GenericApplicationContext>> test) {
		process("cooperative.jdbc.read-only.commit=overlapped", test);
	}

	private static void process(String readOnly,
			BiConsumer<GenerationContext, ApplicationContextInitializer<GenericApplicationContext>> test) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		properties(readOnly).applyTo(context);
		context.register(Observations.class);
		context.register(Configurations.getClasses(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				EventLoopAutoConfiguration.class, ExecutorAutoConfiguration.class, CallAutoConfiguration.class,
				CooperativeClientAutoConfiguration.class, CooperativeJdbcEndpointAutoConfiguration.class,
				CooperativeJdbcHealthContributorAutoConfiguration.class, CooperativeJdbcMetricsAutoConfiguration.class,
				ReadOnlyMetricsAutoConfiguration.class, QueueObservationAutoConfiguration.class,
				HoldTimeAutoConfiguration.class, DoctorAutoConfiguration.class, DataSourceAutoConfiguration.class)));
		TestGenerationContext generationContext = new TestGenerationContext();
		ClassName name = new ApplicationContextAotGenerator().processAheadOfTime(context, generationContext);
		generationContext.writeGeneratedContent();
		TestCompiler.forSystem()
			.with(generationContext)
			.compile((compiled) -> test.accept(generationContext,
					instance(compiled.getInstance(ApplicationContextInitializer.class, name.canonicalName()))));
	}

	@SuppressWarnings("unchecked")
	private static ApplicationContextInitializer<GenericApplicationContext> instance(
			ApplicationContextInitializer<?> initializer) {
		return (ApplicationContextInitializer<GenericApplicationContext>) initializer;
	}

	@Configuration(proxyBeanMethods = false)
	static class Observations {

		@Bean
		ObservationRegistry observationRegistry() {
			return ObservationRegistry.create();
		}

	}

}
