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

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two applications in one container, of which one has PostgreSQL and the other has not:
 * the drivers of the one are known to the whole JVM.
 */
class OtherDatabaseTests {

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual" })
	void connectsBesideAnApplicationWithPostgresql(boolean starter, String model) throws Exception {
		Class.forName("org.cooperativejdbc.driver.CancellingDriver");
		ClassLoader previous = Thread.currentThread().getContextClassLoader();
		try (URLClassLoader other = new URLClassLoader(withoutPostgresql(), ClassLoader.getPlatformClassLoader())) {
			Thread.currentThread().setContextClassLoader(other);
			Class.forName(Application.class.getName(), true, other)
				.getMethod("run", String[].class)
				.invoke(null,
						(Object) new String[] { "--cooperative.jdbc.enabled=" + starter,
								"--cooperative.jdbc.model=" + model, "--spring.main.web-application-type=none",
								"--spring.datasource.url=jdbc:h2:mem:other", "--spring.main.banner-mode=off" });
		}
		finally {
			Thread.currentThread().setContextClassLoader(previous);
		}
	}

	private static URL[] withoutPostgresql() throws MalformedURLException {
		List<Path> paths = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
			.map(Path::of)
			.filter((path) -> !path.getFileName().toString().startsWith("postgresql-"))
			.toList();
		URL[] urls = new URL[paths.size()];
		for (int i = 0; i < urls.length; i++) {
			urls[i] = paths.get(i).toUri().toURL();
		}
		return urls;
	}

	/**
	 * Loaded by the class loader without PostgreSQL.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	public static class Application {

		public static void run(String[] arguments) {
			try (ConfigurableApplicationContext context = SpringApplication.run(Application.class, arguments)) {
				assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isOne();
			}
		}

	}

}
