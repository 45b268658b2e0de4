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

package org.cooperativejdbc.junit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link CooperativeJdbcExtension}. Each set of cases is run without it, where
 * all pass, and with it.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CooperativeJdbcExtensionTests {

	private static NettyEventLoops loops;

	private static Application onLoops;

	private static Application virtual;

	private static Application platform;

	@BeforeAll
	static void start() throws Exception {
		loops = new NettyEventLoops(1, Duration.ofMillis(10));
		onLoops = new Application(Cooperative.start(CooperativeOptions.defaults(), loops));
		virtual = new Application(Cooperative.start(CooperativeOptions.defaults()));
		platform = new Application(
				Cooperative.start(CooperativeOptions.defaults().withModel(ConcurrencyModel.PLATFORM)));
		for (Application application : List.of(onLoops, virtual)) {
			application.cooperative.call(() -> application.query("select 1")).get();
		}
	}

	@AfterAll
	static void close() {
		onLoops.cooperative.close();
		loops.close();
		virtual.cooperative.close();
		platform.cooperative.close();
	}

	@AfterEach
	void closeLeakedConnections() throws SQLException {
		for (Application application : List.of(onLoops, virtual)) {
			application.closeLeaked();
		}
	}

	@Test
	void allPassUnchecked() {
		assertThat(run(OnEventLoops.class).values()).hasSize(9).allMatch(Objects::isNull);
		assertThat(run(OnVirtualThreads.class).values()).hasSize(7).allMatch(Objects::isNull);
	}

	@Test
	void onEventLoops() {
		Map<String, @Nullable Throwable> failures = run(CheckedOnEventLoops.class);
		assertGoodPass(failures);
		assertLeakAndIdleHold(failures);
		assertFailure(failures, "pins", "Carrier 'cooperative-jdbc-",
				"' was pinned for more than 200 ms by thread 'cooperative-",
				"', which waits in " + Cases.class.getName() + "#pause");
		assertFailure(failures, "blocks", "Carrier 'cooperative-jdbc-", "' was blocked for ",
				" ms by thread 'cooperative-", "', which runs in " + OnEventLoops.class.getName() + "#compute");
		assertFailure(failures, "borrowsOnAnEventLoop", "JDBC was called on event loop 'cooperative-jdbc-loop-1' in "
				+ OnEventLoops.class.getName() + "#borrow");
		assertThat(failures).hasSize(9);
	}

	@Test
	void onVirtualThreads() {
		Map<String, @Nullable Throwable> failures = run(CheckedOnVirtualThreads.class);
		assertGoodPass(failures);
		assertLeakAndIdleHold(failures);
		assertFailure(failures, "pins", "A carrier was pinned for ", " ms by thread 'cooperative-",
				"', which waits in " + Cases.class.getName() + "#pause");
		assertThat(failures).hasSize(7);
	}

	private static void assertGoodPass(Map<String, @Nullable Throwable> failures) {
		assertThat(failures).containsEntry("waitsForTheDatabase", null)
			.containsEntry("givesBackAfterItsAnswer", null)
			.containsEntry("holdsUntilItIsTidiedUp", null)
			.containsEntry("waitsForAClassThatIsLoaded", null);
	}

	private static void assertLeakAndIdleHold(Map<String, @Nullable Throwable> failures) {
		assertFailure(failures, "leaks", "A connection of pool 'books' was not given back by thread 'cooperative-",
				"', which borrowed it in " + Cases.class.getName() + "#borrowAndForget");
		assertFailure(failures, "holdsIdle",
				"A connection of pool 'books' was held idle for more than 300 ms by thread 'cooperative-",
				"', which waits in " + Cases.class.getName() + "#pause");
	}

	/**
	 * The stack of the culprit is that of a suppressed exception.
	 */
	private static void assertFailure(Map<String, @Nullable Throwable> failures, String test, String... message) {
		assertThat(failures).containsKey(test);
		Throwable failure = failures.get(test);
		assertThat(failure).isInstanceOf(AssertionError.class)
			.hasMessageStartingWith("The test was not cooperative (1):")
			.hasMessageContainingAll(message);
		String place = message[message.length - 1].replaceFirst(".* in ", "");
		assertThat(Objects.requireNonNull(failure).getSuppressed()).singleElement()
			.satisfies((culprit) -> assertThat(culprit.getStackTrace())
				.anyMatch((frame) -> place.equals(frame.getClassName() + "#" + frame.getMethodName())));
	}

	@Test
	void failureOfATestIsKept() {
		assertThat(run(FailsAndLeaks.class).get("fails")).isInstanceOf(IllegalStateException.class)
			.hasMessage("as expected")
			.satisfies((failure) -> assertThat(failure.getSuppressed()).singleElement()
				.isInstanceOf(AssertionError.class));
	}

	@Test
	void whatCannotBeCheckedFails() {
		assertThat(run(OnPlatformThreads.class).get("passes"))
			.hasMessageContaining("There is nothing to check in the concurrency model 'platform'");
	}

	@Test
	void testsThatShareAnApplicationInParallelAreRefused() {
		assertThat(run(CheckedTwice.class).get("passes")).hasMessageContaining("Another test checks the same");
		assertThat(run(CheckedOnce.class)).containsEntry("passes", null);
	}

	@Test
	void parallelTestsOfSeveralApplicationsDoNotBlameEachOther() {
		Map<String, @Nullable Throwable> failures = run(true, ParallelLeak.class, ParallelGood.class);
		assertThat(failures).containsEntry("passes", null);
		assertThat(failures.get("leaks")).hasMessageContaining("was not given back");
	}

	@Test
	void nothingIsLeftBehind() {
		run(CheckedOnce.class);
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().equals("cooperative-jdbc-test-watch")));
		onLoops.cooperative.observed().holdTimes().watch().close();
	}

	@Test
	void documentedTestPasses() {
		assertThat(run(BookTests.class)).containsEntry("passes", null);
	}

	/**
	 * Return what each test has failed with.
	 */
	private static Map<String, @Nullable Throwable> run(Class<?>... tests) {
		return run(false, tests);
	}

	private static Map<String, @Nullable Throwable> run(boolean parallel, Class<?>... tests) {
		Map<String, @Nullable Throwable> failures = new LinkedHashMap<>();
		EngineTestKit.engine("junit-jupiter")
			.configurationParameter("junit.jupiter.execution.parallel.enabled", String.valueOf(parallel))
			.configurationParameter("junit.jupiter.execution.parallel.mode.classes.default", "concurrent")
			.configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
			.configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "2")
			.selectors(Arrays.stream(tests).map(DiscoverySelectors::selectClass).toArray(DiscoverySelector[]::new))
			.execute()
			.testEvents()
			.finished()
			.stream()
			.forEach((event) -> failures.put(name(event.getTestDescriptor()),
					failure(event.getRequiredPayload(TestExecutionResult.class))));
		return failures;
	}

	private static String name(TestDescriptor test) {
		return test.getDisplayName().replace("()", "");
	}

	private static @Nullable Throwable failure(TestExecutionResult result) {
		return (result.getStatus() != Status.SUCCESSFUL) ? result.getThrowable().orElseThrow() : null;
	}

	/**
	 * A class initializer is a native frame: a virtual thread that waits in it cannot
	 * leave its carrier. The class is defined anew each time.
	 */
	private static void initializePinned() throws IllegalAccessException {
		MethodHandles.lookup().defineHiddenClass(code("Pinned"), true);
	}

	private static byte[] code(String name) {
		String file = CooperativeJdbcExtensionTests.class.getSimpleName() + "$" + name + ".class";
		try (InputStream code = CooperativeJdbcExtensionTests.class.getResourceAsStream(file)) {
			return Objects.requireNonNull(code).readAllBytes();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static final class Application {

		private final Cooperative cooperative;

		private final HikariDataSource pool;

		private volatile @Nullable Connection leaked;

		Application(Cooperative cooperative) {
			this.cooperative = cooperative;
			HikariConfig config = new HikariConfig();
			config.setPoolName("books");
			config.setJdbcUrl(TestDatabase.instance().url());
			config.setUsername(TestDatabase.instance().username());
			config.setPassword(TestDatabase.instance().password());
			config.setMaximumPoolSize(4);
			this.pool = cooperative.pool(config);
		}

		CooperativeJdbcExtension checks() {
			return CooperativeJdbcExtension.of(this.cooperative)
				.withMaxIdleHold(Duration.ofMillis(300))
				.withMaxPinned(Duration.ofMillis(200))
				.withMaxBlocked(Duration.ofMillis(400));
		}

		boolean query(String sql) throws SQLException {
			try (Connection connection = this.pool.getConnection();
					Statement statement = connection.createStatement()) {
				return statement.execute(sql);
			}
		}

		void closeLeaked() throws SQLException {
			Connection leaked = this.leaked;
			if (leaked != null) {
				leaked.close();
				this.leaked = null;
			}
		}

	}

	abstract static class Cases {

		private final Application application;

		private @Nullable Connection untilTidiedUp;

		Cases(Application application) {
			this.application = application;
		}

		@AfterEach
		void tidyUp() throws SQLException {
			if (this.untilTidiedUp != null) {
				this.untilTidiedUp.close();
			}
		}

		@Test
		void leaks() throws Exception {
			this.application.cooperative.call(this::borrowAndForget).get();
		}

		boolean borrowAndForget() throws SQLException {
			Connection connection = this.application.pool.getConnection();
			this.application.leaked = connection;
			return connection.isValid(1);
		}

		@Test
		void holdsIdle() throws Exception {
			this.application.cooperative.call(() -> {
				try (Connection connection = this.application.pool.getConnection()) {
					pause();
					return connection.isValid(1);
				}
			}).get();
		}

		@Test
		void pins() throws Exception {
			this.application.cooperative.call(() -> {
				initializePinned();
				return true;
			}).get();
		}

		/**
		 * Nobody can do better than to wait for the thread that loads.
		 */
		@Test
		void waitsForAClassThatIsLoaded() throws Exception {
			SlowLoader loader = new SlowLoader();
			Thread thread = Thread.ofPlatform().start(loader::load);
			loader.loading.await();
			this.application.cooperative.call(loader::load).get();
			thread.join();
		}

		static void pause() {
			LockSupport.parkNanos(Duration.ofMillis(600).toNanos());
		}

		@Test
		void waitsForTheDatabase() throws Exception {
			this.application.cooperative.call(() -> this.application.query("select pg_sleep(0.45)")).get();
		}

		@Test
		void givesBackAfterItsAnswer() {
			this.application.cooperative.call(() -> this.application.query("select pg_sleep(0.3)"));
		}

		/**
		 * As a transaction does that Spring rolls back.
		 */
		@Test
		void holdsUntilItIsTidiedUp() throws SQLException {
			this.untilTidiedUp = this.application.pool.getConnection();
			pause();
		}

	}

	static class OnEventLoops extends Cases {

		OnEventLoops() {
			super(onLoops);
		}

		@Test
		void blocks() throws Exception {
			onLoops.cooperative.call(OnEventLoops::compute).get();
		}

		private static long compute() {
			long start = System.nanoTime();
			long rounds = 0;
			while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(600)) {
				rounds++;
			}
			return rounds;
		}

		@Test
		void borrowsOnAnEventLoop() throws Exception {
			loops.group().next().submit(OnEventLoops::borrow).get();
		}

		private static void borrow() {
			try (Connection connection = onLoops.pool.getConnection()) {
				throw new IllegalStateException("Not refused: " + connection);
			}
			catch (SQLException ex) {
				// Many a reactive pipeline swallows it
			}
		}

	}

	static class CheckedOnEventLoops extends OnEventLoops {

		@RegisterExtension
		static final CooperativeJdbcExtension checks = onLoops.checks();

	}

	static class OnVirtualThreads extends Cases {

		OnVirtualThreads() {
			super(virtual);
		}

	}

	static class CheckedOnVirtualThreads extends OnVirtualThreads {

		@RegisterExtension
		static final CooperativeJdbcExtension checks = virtual.checks();

	}

	static class FailsAndLeaks {

		@RegisterExtension
		static final CooperativeJdbcExtension checks = onLoops.checks();

		@Test
		void fails() throws SQLException {
			onLoops.leaked = onLoops.pool.getConnection();
			throw new IllegalStateException("as expected");
		}

	}

	static class OnPlatformThreads {

		@RegisterExtension
		static final CooperativeJdbcExtension checks = platform.checks();

		@Test
		void passes() {
		}

	}

	static class CheckedOnce {

		@RegisterExtension
		static final CooperativeJdbcExtension checks = onLoops.checks();

		@Test
		void passes() {
		}

	}

	static class CheckedTwice extends CheckedOnce {

		@RegisterExtension
		static final CooperativeJdbcExtension again = onLoops.checks();

	}

	static class ParallelLeak {

		@RegisterExtension
		static final CooperativeJdbcExtension checks = onLoops.checks();

		private static final CountDownLatch leaked = new CountDownLatch(1);

		private static final CountDownLatch goodRuns = new CountDownLatch(1);

		@Test
		void leaks() throws Exception {
			goodRuns.await();
			onLoops.leaked = onLoops.pool.getConnection();
			leaked.countDown();
		}

	}

	static class ParallelGood {

		@RegisterExtension
		static final CooperativeJdbcExtension checks = virtual.checks();

		@Test
		void passes() throws Exception {
			ParallelLeak.goodRuns.countDown();
			ParallelLeak.leaked.await();
		}

	}

	private static final class SlowLoader extends ClassLoader {

		static {
			registerAsParallelCapable();
		}

		private final CountDownLatch loading = new CountDownLatch(1);

		SlowLoader() {
			super(null);
		}

		boolean load() {
			try {
				return Class.forName(Loaded.class.getName(), false, this).getClassLoader() == this;
			}
			catch (ClassNotFoundException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		protected Class<?> findClass(String name) {
			this.loading.countDown();
			Cases.pause();
			byte[] code = code("Loaded");
			return defineClass(name, code, 0, code.length);
		}

	}

	static final class Loaded {

	}

	static final class Pinned {

		static {
			Cases.pause();
		}

	}

	/**
	 * What the documentation shows.
	 */
	// tag::plain[]
	static class BookTests {

		static final Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults());

		@RegisterExtension
		static final CooperativeJdbcExtension checks = CooperativeJdbcExtension.of(cooperative)
			.withMaxIdleHold(Duration.ofSeconds(1));

		// end::plain[]

		@AfterAll
		static void close() {
			cooperative.close();
		}

		@Test
		void passes() {
		}

	}

}
