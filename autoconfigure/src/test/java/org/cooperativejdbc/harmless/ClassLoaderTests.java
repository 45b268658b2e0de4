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
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.Driver;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Applications whose class loader is another one than pgjdbc's, which loads socket
 * factories by name: with the jars that the developer tools restart, in a servlet
 * container that has the driver. They connect, are told that their pool is left as it is,
 * and leave nothing of their class loader behind.
 */
class ClassLoaderTests {

	@ParameterizedTest
	@CsvSource({ "RESTARTED, false, virtual, CHILD", "RESTARTED, true, virtual, CHILD",
			"RESTARTED, true, virtual, PARENT", "COPIED, false, virtual, CHILD", "COPIED, true, virtual, CHILD",
			"COPIED, true, virtual, PARENT" })
	void connects(Layout layout, boolean starter, String model, Context context) throws Exception {
		useAndClose(layout, starter, model, context);
	}

	/**
	 * Spring's own caches keep the class loader where Spring is in the parent.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void connectsAndLeavesNothingOfItsClassLoader(boolean starter, String model) throws Exception {
		WeakReference<ClassLoader> loader = useAndClose(Layout.WEB_APPLICATION, starter, model, Context.CHILD);
		await().atMost(Duration.ofSeconds(30)).until(() -> {
			clearSoftReferences();
			return loader.refersTo(null);
		});
	}

	private static WeakReference<ClassLoader> useAndClose(Layout layout, boolean starter, String model, Context context)
			throws Exception {
		ClassLoader parent = layout.parent();
		URLClassLoader child = new ChildFirstClassLoader(layout.ofChild(), parent);
		List<String> properties = new ArrayList<>(List.of(TestDatabase.instance().properties()));
		properties.addAll(List.of("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
				"spring.threads.virtual.enabled=true", "spring.main.register-shutdown-hook=false",
				"logging.register-shutdown-hook=false", "spring.datasource.hikari.maximum-pool-size=2",
				"spring.datasource.hikari.connection-timeout=5000"));
		FutureTask<List<String>> run = new FutureTask<>(program(child, properties));
		Thread thread = new Thread(run);
		thread.setContextClassLoader((context == Context.CHILD) ? child : parent);
		thread.start();
		List<String> findings = run.get(60, TimeUnit.SECONDS);
		thread.join();
		if (starter) {
			assertThat(findings).filteredOn((finding) -> finding.startsWith("socket-factory"))
				.singleElement()
				.asString()
				.contains("class loader");
		}
		child.close();
		return new WeakReference<>(child);
	}

	@SuppressWarnings("unchecked")
	private static Callable<List<String>> program(ClassLoader loader, List<String> properties) throws Exception {
		Constructor<?> constructor = Class.forName(Program.class.getName(), true, loader)
			.getDeclaredConstructor(List.class);
		constructor.setAccessible(true);
		return (Callable<List<String>>) constructor.newInstance(properties);
	}

	/**
	 * An array that no heap has room for makes the collector try everything.
	 */
	private static void clearSoftReferences() {
		try {
			long[] pressure = new long[Integer.MAX_VALUE - 8];
			assertThat(pressure).isNotNull();
		}
		catch (OutOfMemoryError ex) {
			System.gc();
		}
	}

	private enum Context {

		CHILD, PARENT

	}

	/**
	 * What the parent of the application's class loader has.
	 */
	private enum Layout {

		/**
		 * All but the application and the starter.
		 */
		RESTARTED,

		/**
		 * All, so that the starter is there twice.
		 */
		COPIED,

		/**
		 * The driver.
		 */
		WEB_APPLICATION;

		private static final List<URL> ALL = Arrays
			.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.map((entry) -> url(Path.of(entry)))
			.toList();

		private static final List<URL> STARTER = List.of(location(CooperativeJdbc.class),
				location(CooperativeJdbcAutoConfiguration.class), location(TestDatabase.class),
				location(ClassLoaderTests.class));

		private static final ClassLoader ALL_BUT_STARTER = loader(but(STARTER));

		ClassLoader parent() {
			return switch (this) {
				case RESTARTED -> ALL_BUT_STARTER;
				case COPIED -> ClassLoaderTests.class.getClassLoader();
				case WEB_APPLICATION -> loader(List.of(location(Driver.class)));
			};
		}

		/**
		 * The driver of MySQL and the HTTP clients of Spring Boot keep the class loader.
		 */
		List<URL> ofChild() {
			return (this == WEB_APPLICATION)
					? but(List.of(location(Driver.class), location(com.mysql.cj.jdbc.Driver.class),
							location(RestClientCustomizer.class), location(ClientHttpRequestFactoryBuilder.class)))
					: STARTER;
		}

		private static List<URL> but(List<URL> excluded) {
			List<String> names = excluded.stream().map(URL::toString).toList();
			return ALL.stream().filter((url) -> !names.contains(url.toString())).toList();
		}

		private static ClassLoader loader(List<URL> urls) {
			return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
		}

		private static URL location(Class<?> type) {
			return type.getProtectionDomain().getCodeSource().getLocation();
		}

		private static URL url(Path path) {
			try {
				return path.toUri().toURL();
			}
			catch (MalformedURLException ex) {
				throw new IllegalArgumentException(ex);
			}
		}

	}

	private static final class ChildFirstClassLoader extends URLClassLoader {

		ChildFirstClassLoader(List<URL> urls, ClassLoader parent) {
			super(urls.toArray(URL[]::new), parent);
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			synchronized (getClassLoadingLock(name)) {
				if (!name.startsWith("org.cooperativejdbc.")) {
					return super.loadClass(name, resolve);
				}
				Class<?> loaded = findLoadedClass(name);
				return (loaded != null) ? loaded : findClass(name);
			}
		}

	}

	/**
	 * Runs in the application's class loader, starts the application, uses it, and tells
	 * what it has found.
	 */
	static final class Program implements Callable<List<String>> {

		private final List<String> properties;

		Program(List<String> properties) {
			this.properties = properties;
		}

		@Override
		public List<String> call() throws Exception {
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
				.resourceLoader(new DefaultResourceLoader(Program.class.getClassLoader()))
				.web(WebApplicationType.NONE)
				.properties(this.properties.toArray(String[]::new))
				.run()) {
				JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
				FutureTask<Integer> virtual = new FutureTask<>(() -> jdbc.queryForObject("select 1", Integer.class));
				Thread.ofVirtual().start(virtual);
				assertThat(virtual.get(20, TimeUnit.SECONDS)).isOne();
				assertThat(jdbc.queryForObject("select 2", Integer.class)).isEqualTo(2);
				return context.getBeanProvider(CooperativeJdbc.class)
					.stream()
					.flatMap((starter) -> starter.findings().stream())
					.map(Program::text)
					.toList();
			}
			finally {
				deregisterDrivers();
			}
		}

		/**
		 * As servlet containers do.
		 */
		private static void deregisterDrivers() throws SQLException {
			for (java.sql.Driver driver : Collections.list(DriverManager.getDrivers())) {
				if (driver.getClass().getClassLoader() == Program.class.getClassLoader()) {
					DriverManager.deregisterDriver(driver);
				}
			}
		}

		private static String text(Finding finding) {
			return finding.id() + ": " + finding.problem();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

	}

}
