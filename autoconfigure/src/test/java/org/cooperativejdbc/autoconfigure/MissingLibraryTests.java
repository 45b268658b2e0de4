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

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications that lack a library. Each has a class path of its own, because the starter
 * asks its own class loader what is present.
 */
class MissingLibraryTests {

	@ParameterizedTest
	@EnumSource
	void transactionsAreAdmittedAndMeasured(Library missing) throws Exception {
		ClassLoader previous = Thread.currentThread().getContextClassLoader();
		try (URLClassLoader classLoader = new URLClassLoader(missing.others(), ClassLoader.getPlatformClassLoader())) {
			Thread.currentThread().setContextClassLoader(classLoader);
			assertThat(ClassUtils.isPresent(missing.className, classLoader)).isFalse();
			Class.forName(Application.class.getName(), true, classLoader)
				.getMethod("run", String[].class)
				.invoke(null, (Object) arguments());
		}
		finally {
			Thread.currentThread().setContextClassLoader(previous);
		}
	}

	private static String[] arguments() {
		return Stream
			.concat(Stream.of(TestDatabase.instance().properties()),
					Stream.of("server.port=0", "cooperative.jdbc.model=virtual", "spring.main.banner-mode=off"))
			.map("--"::concat)
			.toArray(String[]::new);
	}

	enum Library {

		SPRING_ORM("org.springframework.orm.jpa.JpaTransactionManager", "spring-orm-", "spring-data-jpa-",
				"spring-boot-data-jpa-", "spring-boot-hibernate-"),

		HIBERNATE("org.hibernate.Session", "hibernate-", "spring-data-jpa-", "spring-boot-data-jpa-",
				"spring-boot-hibernate-"),

		SERVLET("jakarta.servlet.Servlet", "tomcat-embed-", "jakarta.servlet-", "jetty-", "spring-webmvc-"),

		WEBFLUX("org.springframework.web.reactive.config.WebFluxConfigurer", "spring-webflux-", "reactor-", "netty-"),

		OTHER_CLIENTS("org.apache.hc.client5.http.classic.HttpClient", "httpclient5-", "jedis-", "spring-data-redis-",
				"spring-boot-data-redis-", "spring-boot-http-client-", "spring-boot-restclient-"),

		CONTEXT_PROPAGATION("io.micrometer.context.ThreadLocalAccessor", "context-propagation-"),

		MICROMETER("io.micrometer.core.instrument.MeterRegistry", "micrometer-core-"),

		ACTUATOR("org.springframework.boot.actuate.endpoint.annotation.Endpoint", "spring-boot-actuator-",
				"spring-boot-health-");

		private final String className;

		private final List<String> jars;

		Library(String className, String... jars) {
			this.className = className;
			this.jars = List.of(jars);
		}

		private URL[] others() throws Exception {
			List<Path> paths = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
				.map(Path::of)
				.filter((path) -> this.jars.stream().noneMatch(path.getFileName().toString()::startsWith))
				.toList();
			URL[] urls = new URL[paths.size()];
			for (int i = 0; i < urls.length; i++) {
				urls[i] = paths.get(i).toUri().toURL();
			}
			return urls;
		}

	}

	/**
	 * Loaded by the class loader that lacks the library.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	public static class Application {

		public static void run(String[] arguments) {
			try (ConfigurableApplicationContext context = SpringApplication.run(Application.class, arguments)) {
				CooperativeDataSource pool = context.getBean(CooperativeDataSource.class);
				new TransactionTemplate(context.getBean(JdbcTransactionManager.class))
					.executeWithoutResult((status) -> assertThat(pool.getPlacesTaken()).isOne());
				assertThat(pool.getPlacesTaken()).isZero();
			}
		}

		@Bean
		JdbcTransactionManager transactionManager(HikariDataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

	}

}
