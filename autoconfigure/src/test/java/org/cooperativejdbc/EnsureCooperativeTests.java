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

package org.cooperativejdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import io.netty.channel.DefaultEventLoop;
import org.cooperativejdbc.spring.junit.EnsureCooperative;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EnsureCooperative}. The same tests are run without it, where all pass.
 */
class EnsureCooperativeTests {

	private static @Nullable Connection leaked;

	@AfterEach
	void closeLeakedConnection() throws SQLException {
		if (leaked != null) {
			leaked.close();
			leaked = null;
		}
	}

	@Test
	void applicationIsChecked() throws SQLException {
		assertThat(run(Unchecked.class).values()).hasSize(6).allMatch(Objects::isNull);
		closeLeakedConnection();
		Map<String, @Nullable Throwable> failures = run(Checked.class);
		assertThat(failures).hasSize(6)
			.containsEntry("queries", null)
			.containsEntry("waitsInATransactionOfTheTest", null)
			.containsEntry("mayHoldForLonger", null);
		assertThat(failures.get("leaks")).hasMessageContaining("was not given back by thread 'task-")
			.hasMessageContaining("which borrowed it in " + Shop.class.getName() + "#borrowAndForget");
		assertThat(failures.get("waitsInATransaction")).hasMessageContaining("was held idle for more than 600 ms")
			.hasMessageContaining("which waits in " + Shop.class.getName() + "#callService");
		assertThat(failures.get("queriesOnAnEventLoop")).hasMessageContaining("JDBC was called on event loop '")
			.hasMessageContaining(" in " + Shop.class.getName() + "#query");
	}

	/**
	 * The transaction around a test may outlast what the test may hold, whichever
	 * extension comes first.
	 */
	@Test
	void transactionsAroundTestsAreLeftAlone() {
		assertThat(run(TransactionalSlice.class)).containsEntry("waits", null);
		assertThat(run(TransactionalSliceCheckedFirst.class)).containsEntry("waits", null);
	}

	@Test
	void contextWithNothingToCheckFails() {
		assertThat(run(SwitchedOff.class).get("passes"))
			.hasMessageContaining("There is nothing to check: Cooperative JDBC is switched off");
		assertThat(run(Platform.class).get("passes"))
			.hasMessageContaining("There is nothing to check: the concurrency model is 'platform'");
		assertThat(run(ReplacedDatabase.class).get("passes"))
			.hasMessageContaining("There is nothing to check: no pool of this test is cooperative")
			.hasMessageContaining("@AutoConfigureTestDatabase(replace = Replace.NONE)");
	}

	@Test
	void nestedTestsAreChecked() {
		Map<String, @Nullable Throwable> failures = run(OuterTests.class);
		assertThat(failures.get("leaks")).hasMessageContaining("was not given back");
		assertThat(failures.get("waitsInATransaction")).hasMessageContaining("held idle for more than 600 ms");
	}

	@Test
	void documentedTestPasses() {
		assertThat(run(OrderTests.class)).containsEntry("placesAnOrder", null);
	}

	@Test
	void pageShowsWhatIsRunHere() throws IOException {
		Path root = Path.of("..").toAbsolutePath().normalize();
		Map<String, String> snippets = new LinkedHashMap<>();
		for (String source : List.of("autoconfigure/src/test/java/org/cooperativejdbc/EnsureCooperativeTests.java",
				"autoconfigure/src/test/java/org/cooperativejdbc/spring/test/TestPostgresqlTests.java",
				"core/src/test/java/org/cooperativejdbc/junit/CooperativeJdbcExtensionTests.java")) {
			snippets.putAll(
					find(Pattern.compile("(?s)// tag::(\\w+)\\[]\n(.*?)\n\\s*// end::\\1\\[]"), root.resolve(source)));
		}
		snippets.replaceAll((name, snippet) -> snippet + "\n\n}");
		assertThat(find(Pattern.compile("(?s)<!-- (\\w+) -->\n```java\n(.*?)\n```"), root.resolve("docs/testing.md")))
			.containsExactlyInAnyOrderEntriesOf(snippets);
	}

	private static Map<String, String> find(Pattern pattern, Path file) throws IOException {
		Map<String, String> found = new LinkedHashMap<>();
		Matcher matcher = pattern.matcher(Files.readString(file));
		while (matcher.find()) {
			List<String> lines = matcher.group(2).lines().map((line) -> line.replace("\t", "    ")).toList();
			found.put(matcher.group(1),
					String.join("\n", lines)
						.stripIndent()
						.strip()
						.replaceFirst("(?m)^(public )?static class", "$1class"));
		}
		return found;
	}

	/**
	 * Return what each test has failed with.
	 */
	private static Map<String, @Nullable Throwable> run(Class<?> tests) {
		Map<String, @Nullable Throwable> failures = new LinkedHashMap<>();
		EngineTestKit.engine("junit-jupiter")
			.selectors(DiscoverySelectors.selectClass(tests))
			.execute()
			.testEvents()
			.finished()
			.stream()
			.forEach((event) -> failures.put(event.getTestDescriptor().getDisplayName().replaceFirst("\\(.*", ""),
					failure(event.getRequiredPayload(TestExecutionResult.class))));
		return failures;
	}

	private static @Nullable Throwable failure(TestExecutionResult result) {
		return (result.getStatus() != Status.SUCCESSFUL) ? result.getThrowable().orElseThrow() : null;
	}

	private static void register(DynamicPropertyRegistry registry) {
		TestDatabase database = TestDatabase.instance();
		registry.add("spring.datasource.url", database::url);
		registry.add("spring.datasource.username", database::username);
		registry.add("spring.datasource.password", database::password);
		registry.add("spring.datasource.hikari.maximum-pool-size", () -> 3);
		registry.add("spring.threads.virtual.enabled", () -> true);
	}

	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE)
	static class Unchecked {

		@Autowired
		private Shop shop;

		@Autowired
		private AsyncTaskExecutor executor;

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			register(registry);
		}

		@Test
		void leaks() {
			this.executor.submitCompletable(this.shop::borrowAndForget).join();
		}

		@Test
		void waitsInATransaction() {
			this.shop.orderAfterCall();
		}

		@Test
		void mayHoldForLonger() {
			this.shop.orderAfterCall();
		}

		@Test
		void queriesOnAnEventLoop() throws Exception {
			DefaultEventLoop loop = new DefaultEventLoop();
			try {
				loop.submit(this.shop::query).get();
			}
			finally {
				loop.shutdownGracefully();
			}
		}

		@Test
		@Transactional
		void waitsInATransactionOfTheTest() {
			this.shop.query();
			this.shop.callService();
		}

		@Test
		void queries() {
			assertThat(this.shop.query()).isEqualTo(42);
		}

	}

	@DirtiesContext
	@EnsureCooperative(maxIdleHoldMillis = 600)
	static class Checked extends Unchecked {

		@Test
		@Override
		@EnsureCooperative(maxIdleHoldMillis = 10_000)
		void mayHoldForLonger() {
			super.mayHoldForLonger();
		}

	}

	@JdbcTest(properties = "spring.datasource.connection-fetch=lazy")
	@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
	@ContextConfiguration(classes = Application.class)
	@EnsureCooperative(maxIdleHoldMillis = 600)
	static class TransactionalSlice {

		@Autowired
		private JdbcTemplate jdbc;

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			register(registry);
		}

		@Test
		void waits() {
			this.jdbc.queryForObject("select 42", Integer.class);
			LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
		}

	}

	@EnsureCooperative(maxIdleHoldMillis = 600)
	@DirtiesContext
	@JdbcTest(properties = "spring.datasource.connection-fetch=lazy")
	@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
	@ContextConfiguration(classes = Application.class)
	static class TransactionalSliceCheckedFirst {

		@Autowired
		private JdbcTemplate jdbc;

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			register(registry);
		}

		@Test
		void waits() {
			this.jdbc.queryForObject("select 42", Integer.class);
			LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
		}

	}

	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE,
			properties = "cooperative.jdbc.enabled=false")
	@DirtiesContext
	@EnsureCooperative
	static class SwitchedOff {

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			register(registry);
		}

		@Test
		void passes() {
		}

	}

	@TestPropertySource(properties = { "cooperative.jdbc.enabled=true", "cooperative.jdbc.model=platform" })
	static class Platform extends SwitchedOff {

	}

	@JdbcTest(properties = "spring.threads.virtual.enabled=true")
	@DirtiesContext
	@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.ANY)
	@ContextConfiguration(classes = Application.class)
	@EnsureCooperative
	static class ReplacedDatabase {

		@Test
		void passes() {
		}

	}

	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE)
	@DirtiesContext
	@EnsureCooperative(maxIdleHoldMillis = 600)
	static class OuterTests {

		@Autowired
		private Shop shop;

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			register(registry);
		}

		@Nested
		class InnerTests {

			@Test
			void leaks() throws SQLException {
				OuterTests.this.shop.borrowAndForget();
			}

			@Test
			void waitsInATransaction() {
				OuterTests.this.shop.orderAfterCall();
			}

		}

	}

	/**
	 * What the documentation shows.
	 */
	// tag::spring[]
	@SpringBootTest
	@EnsureCooperative
	static class OrderTests {

		@Autowired
		private Shop shop;

		@Test
		void placesAnOrder() {
			this.shop.order();
		}

		// end::spring[]

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			register(registry);
		}

		@SpringBootConfiguration(proxyBeanMethods = false)
		static class OrderApplication extends Application {

		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Shop shop(JdbcTemplate jdbc, DataSource dataSource) {
			return new Shop(jdbc, dataSource);
		}

	}

	static class Shop {

		private final JdbcTemplate jdbc;

		private final DataSource dataSource;

		Shop(JdbcTemplate jdbc, DataSource dataSource) {
			this.jdbc = jdbc;
			this.dataSource = dataSource;
		}

		boolean borrowAndForget() throws SQLException {
			Connection connection = this.dataSource.getConnection();
			leaked = connection;
			return connection.isValid(1);
		}

		Integer query() {
			return Objects.requireNonNull(this.jdbc.queryForObject("select 42", Integer.class));
		}

		@Transactional
		void orderAfterCall() {
			query();
			callService();
		}

		@Transactional
		void order() {
			query();
		}

		void callService() {
			LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
		}

	}

}
