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

import java.util.function.BiConsumer;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.autoconfigure.doctor.DoctorAutoConfiguration;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.spring.BoundedTaskExecutor;
import org.cooperativejdbc.spring.CooperativeCallPostProcessor;
import org.junit.jupiter.api.Test;

import org.springframework.aot.generate.GenerationContext;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.Configurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that was processed ahead of time starts with the model it was processed
 * for, and the driver can load the socket factory.
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
			}
		});
	}

	@Test
	void constructorThatTheDriverCallsHasAHint() {
		process((generationContext,
				initializer) -> assertThat(RuntimeHintsPredicates.reflection()
					.onConstructorInvocation(CooperativeSocketFactory.class.getConstructors()[0]))
					.accepts(generationContext.getRuntimeHints()));
	}

	private static TestPropertyValues properties() {
		return TestPropertyValues.of("cooperative.jdbc.model=event-loop", "cooperative.jdbc.event-loop.threads=1",
				"cooperative.jdbc.executors.reports.limit=2",
				"spring.datasource.url=jdbc:postgresql://localhost:5432/test");
	}

	private static void process(
			BiConsumer<GenerationContext, ApplicationContextInitializer<GenericApplicationContext>> test) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		properties().applyTo(context);
		context.register(Configurations.getClasses(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				EventLoopAutoConfiguration.class, ExecutorAutoConfiguration.class, CallAutoConfiguration.class,
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

}
