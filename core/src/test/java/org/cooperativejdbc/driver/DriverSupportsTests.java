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

package org.cooperativejdbc.driver;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DriverSupports}.
 */
class DriverSupportsTests {

	@Test
	void firstThatAcceptsIsFound() {
		DriverSupport own = new OtherSupport();
		DriverSupports supports = DriverSupports.load(List.of(new FailingSupport(), own), getClass().getClassLoader());
		assertThat(supports.find(source("jdbc:other:x"))).isSameAs(own);
		assertThat(supports.find(source("jdbc:postgresql://host/db"))).isInstanceOf(PostgresqlSupport.class);
		assertThat(supports.find(source("jdbc:h2:mem:x"))).isNull();
	}

	@Test
	void servicesThatCannotBeLoadedAreLeftOut(@TempDir Path directory) throws IOException {
		Path services = Files.createDirectories(directory.resolve("META-INF/services"));
		Files.writeString(services.resolve(DriverSupport.class.getName()),
				"com.example.Missing\n" + String.class.getName() + "\n" + OtherSupport.class.getName() + "\n");
		try (URLClassLoader loader = new URLClassLoader(new URL[] { directory.toUri().toURL() },
				getClass().getClassLoader())) {
			DriverSupports supports = DriverSupports.load(List.of(), loader);
			assertThat(supports.find(source("jdbc:other:x"))).isInstanceOf(OtherSupport.class);
			assertThat(supports.find(source("jdbc:postgresql://host/db"))).isInstanceOf(PostgresqlSupport.class);
		}
	}

	@Test
	void nothingOfADriverThatIsAbsentIsNeeded() throws Exception {
		try (URLClassLoader loader = new WithoutDrivers()) {
			Object found = Class.forName(Asking.class.getName(), true, loader).getMethod("ask").invoke(null);
			assertThat(found).isEqualTo("null null");
		}
	}

	static ConnectionSource source(@Nullable String url) {
		return new ConnectionSource("pool", url, null, null, new Properties(), Duration.ofSeconds(30),
				DriverSupportsTests.class);
	}

	/**
	 * Runs in a class loader that has no driver.
	 */
	public static final class Asking {

		private Asking() {
		}

		public static String ask() {
			DriverSupports supports = DriverSupports.load(List.of(), Asking.class.getClassLoader());
			return supports.find(source("jdbc:h2:mem:x")) + " " + supports.find(source(null));
		}

	}

	/**
	 * Has all but drivers, and refuses to look for a class of one.
	 */
	private static final class WithoutDrivers extends URLClassLoader {

		WithoutDrivers() {
			super(Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
				.map(WithoutDrivers::url)
				.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
		}

		private static URL url(String path) {
			try {
				return Path.of(path).toUri().toURL();
			}
			catch (MalformedURLException ex) {
				throw new IllegalArgumentException(ex);
			}
		}

		@Override
		protected Class<?> findClass(String name) throws ClassNotFoundException {
			if (Stream.of("org.postgresql.", "org.mariadb.", "com.mysql.", "com.microsoft.")
				.anyMatch(name::startsWith)) {
				throw new AssertionError(name);
			}
			return super.findClass(name);
		}

	}

	/**
	 * A support that accepts URLs of its own.
	 */
	public static class OtherSupport implements DriverSupport {

		@Override
		public String name() {
			return "Other";
		}

		@Override
		public boolean accepts(ConnectionSource source) {
			return source.url() != null && source.url().startsWith("jdbc:other:");
		}

		@Override
		public Installation install(ConnectionSource source, String key, Duration cancelGrace) {
			return new Installation.NotNeeded("Other waits by itself");
		}

	}

	private static final class FailingSupport extends OtherSupport {

		@Override
		public boolean accepts(ConnectionSource source) {
			throw new NoClassDefFoundError("com/example/Driver");
		}

	}

}
