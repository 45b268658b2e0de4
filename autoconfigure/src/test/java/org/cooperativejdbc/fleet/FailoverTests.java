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

package org.cooperativejdbc.fleet;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.fleet.RoutedApplication.Items;
import org.cooperativejdbc.harmless.Trial;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.ReplicatedServers;
import org.cooperativejdbc.test.SilenceProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A primary that is lost under load, and a standby that is promoted, with a URL that
 * names both. COMMITs wait for the standby, so that each insert that was acknowledged is
 * there afterwards, but where a test has them not wait. With {@code -Dfleet=all} each
 * failure is tried in each model.
 */
@Timeout(120)
class FailoverTests {

	private static final String WRITER = "targetServerType=primary&connectTimeout=2";

	private static final String READER = "targetServerType=preferSecondary&loadBalanceHosts=true&connectTimeout=2";

	private static final String SOCKET_TIMEOUT = "&socketTimeout=2";

	/**
	 * What a client is told: the server shuts down, or starts; the connection is lost,
	 * was lost before, or cannot be had.
	 */
	static final Set<String> CLEAR = Set.of("57P01", "57P03", "08006", "08003", "08001", "no connection in time",
			"timed out", "57014");

	static Stream<Arguments> losses() {
		return Stream.of(Loss.values())
			.flatMap((loss) -> models().map((model) -> Arguments.of(loss, model.get()[0], model.get()[1])))
			.filter((run) -> isFull() || !(run.get()[0] == Loss.STOP && run.get()[2].equals("virtual")));
	}

	/**
	 * Without the starter, and with it in one model or, if all are wanted, in both.
	 */
	static Stream<Arguments> models() {
		return isFull()
				? Stream.of(Arguments.of(false, "virtual"), Arguments.of(true, "virtual"),
						Arguments.of(true, "event-loop"))
				: Stream.of(Arguments.of(false, "virtual"), Arguments.of(true, "event-loop"));
	}

	private static boolean isFull() {
		return "all".equals(System.getProperty("fleet"));
	}

	@ParameterizedTest
	@MethodSource("losses")
	void requestsGoOnWithTheStandby(Loss loss, boolean starter, String model) throws Exception {
		try (ReplicatedServers servers = new ReplicatedServers();
				ConfigurableApplicationContext application = RoutedApplication.start(starter, model,
						servers.url(WRITER + SOCKET_TIMEOUT), servers.url(READER + SOCKET_TIMEOUT))) {
			Items items = application.getBean(Items.class);
			Load writes = new Load(application, 12, items::insert);
			Load reads = new Load(application, 4, items::read);
			writes.awaitServed(100);
			reads.awaitServed(100);
			loss.happenTo(servers.primary());
			await().atMost(Duration.ofSeconds(20)).until(() -> writes.failed() > 0);
			servers.promote();
			writes.mark();
			reads.mark();
			writes.awaitServed(100);
			assertThat(writes.stop() + reads.stop()).as("calls that hang").isZero();
			report(loss + ", writes", starter, model, writes);
			report(loss + ", reads", starter, model, reads);
			assertThat(CLEAR).containsAll(writes.failures().keySet());
			assertThat(reads.failures()).isEmpty();
			assertThat(servers.standby().select("select id from item")).containsAll(writes.acknowledged());
			if (starter) {
				assertThat(writes.longest()).isLessThan(Duration.ofSeconds(3 + 1 + 4));
				assertThat(reads.longest()).isLessThan(Duration.ofSeconds(5));
				assertNothingIsTaken(application);
			}
		}
	}

	/**
	 * What was acknowledged before the standby had it is lost with the primary.
	 */
	@ParameterizedTest
	@MethodSource("models")
	void asynchronousReplicationLosesRowsAndNoCalls(boolean starter, String model) throws Exception {
		try (ReplicatedServers servers = new ReplicatedServers()) {
			servers.waitForNoStandby();
			try (ConfigurableApplicationContext application = RoutedApplication.start(starter, model,
					servers.url(WRITER + SOCKET_TIMEOUT), servers.url(READER + SOCKET_TIMEOUT))) {
				Items items = application.getBean(Items.class);
				Load writes = new Load(application, 12, items::insert);
				Load reads = new Load(application, 4, items::read);
				writes.awaitServed(100);
				servers.endReplication();
				writes.awaitServed(50);
				servers.primary().kill();
				await().atMost(Duration.ofSeconds(20)).until(() -> writes.failed() > 0);
				servers.promote();
				writes.mark();
				writes.awaitServed(100);
				assertThat(writes.stop() + reads.stop()).as("calls that hang").isZero();
				Set<Integer> lost = new HashSet<>(writes.acknowledged());
				servers.standby().select("select id from item").forEach(lost::remove);
				report("KILL, asynchronous, " + lost.size() + " rows lost", starter, model, writes);
				assertThat(lost).isNotEmpty();
				assertThat(CLEAR).containsAll(writes.failures().keySet());
				assertThat(reads.failures()).isEmpty();
				if (starter) {
					assertThat(writes.longest()).isLessThan(Duration.ofSeconds(3 + 1 + 4));
					assertNothingIsTaken(application);
				}
			}
		}
	}

	/**
	 * A COMMIT that waits for the standby waits until it has the row, and not until
	 * others see it there.
	 */
	@ParameterizedTest
	@MethodSource("models")
	void readsOfAReplicaLagBehind(boolean starter, String model) throws Exception {
		try (ReplicatedServers servers = new ReplicatedServers();
				ConfigurableApplicationContext application = RoutedApplication.start(starter, model,
						servers.url(WRITER), servers.url(READER))) {
			Items items = application.getBean(Items.class);
			items.insert(1);
			await().until(() -> items.isThere(1));
			servers.pauseReplay();
			items.insert(2);
			assertThat(items.isThere(1)).isTrue();
			assertThat(items.isThere(2)).isFalse();
			servers.resumeReplay();
			await().until(() -> items.isThere(2));
		}
	}

	/**
	 * Without the starter, whose deadlines need no timeout of the driver, the calls hang
	 * until the server is back or the system gives up.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void deadlineEndsWhatAServerLeavesUnanswered(boolean starter, String model) throws Exception {
		try (ReplicatedServers servers = new ReplicatedServers();
				SilenceProxy proxy = new SilenceProxy(servers.primary());
				ConfigurableApplicationContext application = RoutedApplication.start(starter, model,
						servers.url(proxy.address(), WRITER), servers.url(READER))) {
			Load writes = new Load(application, 8, application.getBean(Items.class)::insert);
			writes.awaitServed(50);
			proxy.vanish();
			servers.promote();
			writes.mark();
			if (!starter) {
				assertThat(writes.stop()).as("calls that hang").isPositive();
				return;
			}
			writes.awaitServed(100);
			assertThat(writes.stop()).as("calls that hang").isZero();
			report("Cut off, no socketTimeout", true, model, writes);
			assertThat(CLEAR).containsAll(writes.failures().keySet());
			assertThat(servers.standby().select("select id from item")).containsAll(writes.acknowledged());
			assertThat(writes.longest()).isLessThan(Duration.ofSeconds(3 + 1 + 3 + 4));
			assertNothingIsTaken(application);
		}
	}

	/**
	 * One client finds out, at the price of one timeout. Without the starter, each idle
	 * connection that it gets afterwards costs another one.
	 */
	@ParameterizedTest
	@MethodSource("models")
	void idleConnectionsAreGoneAfterOneTimeout(boolean starter, String model) throws Exception {
		try (ReplicatedServers servers = new ReplicatedServers();
				SilenceProxy proxy = new SilenceProxy(servers.primary());
				ConfigurableApplicationContext application = RoutedApplication.start(starter, model,
						servers.url(proxy.address(), WRITER + SOCKET_TIMEOUT), servers.url(READER))) {
			openAll(application, application.getBean("writer", HikariDataSource.class));
			Load writes = new Load(application, 1, application.getBean(Items.class)::insert);
			writes.awaitServed(50);
			proxy.vanish();
			servers.promote();
			writes.mark();
			writes.awaitServed(20);
			assertThat(writes.stop()).isZero();
			report("Cut off, idle connections", starter, model, writes);
			if (starter) {
				assertThat(writes.failures()).containsExactly(Map.entry("08006", 1));
				assertThat(writes.recovered()).isLessThan(Duration.ofSeconds(2 + 6));
			}
		}
	}

	/**
	 * While there is no primary, those that would have to wait for longer than they may
	 * are told so.
	 */
	@Test
	void queueRefusesAsConfigured() throws Exception {
		try (ReplicatedServers servers = new ReplicatedServers();
				ConfigurableApplicationContext application = RoutedApplication.start(true, "event-loop",
						servers.url(WRITER + SOCKET_TIMEOUT), servers.url(READER),
						"cooperative.jdbc.admission.max-wait=300ms")) {
			Load writes = new Load(application, 12, application.getBean(Items.class)::insert);
			writes.awaitServed(50);
			servers.primary().kill();
			await().until(() -> writes.failures().getOrDefault("refused", 0) >= 20);
			servers.promote();
			writes.mark();
			writes.awaitServed(100);
			assertThat(writes.stop()).isZero();
			report("KILL with max-wait", true, "event-loop", writes);
			Set<String> states = new HashSet<>(writes.failures().keySet());
			states.remove("refused");
			assertThat(CLEAR).containsAll(states);
			assertNothingIsTaken(application);
		}
	}

	/**
	 * The standby answers nothing anymore, and the COMMITs do not wait for it: those who
	 * write do not notice, since each pool has a queue of its own.
	 */
	@ParameterizedTest
	@MethodSource("models")
	void lostReplicaConcernsReadersOnly(boolean starter, String model) throws Exception {
		try (ReplicatedServers servers = new ReplicatedServers()) {
			servers.waitForNoStandby();
			try (ConfigurableApplicationContext application = RoutedApplication.start(starter, model,
					servers.url(WRITER + SOCKET_TIMEOUT), servers.url(READER + SOCKET_TIMEOUT))) {
				Items items = application.getBean(Items.class);
				assertThat(items.port()).isEqualTo(servers.standby().address().getPort());
				Load writes = new Load(application, 4, items::insert);
				Load reads = new Load(application, 12, items::read);
				reads.awaitServed(100);
				servers.standby().freeze();
				writes.mark();
				reads.mark();
				writes.awaitServed(100);
				await().until(() -> reads.failed() > 0);
				reads.awaitServed(50);
				assertThat(writes.stop() + reads.stop()).as("calls that hang").isZero();
				report("FREEZE of the standby, writes", starter, model, writes);
				report("FREEZE of the standby, reads", starter, model, reads);
				assertThat(writes.failures()).isEmpty();
				assertThat(writes.longest()).isLessThan(Duration.ofSeconds(5));
				assertThat(CLEAR).containsAll(reads.failures().keySet());
				assertThat(items.port()).isEqualTo(servers.primary().address().getPort());
			}
		}
	}

	private static void openAll(ConfigurableApplicationContext application, HikariDataSource pool) {
		CyclicBarrier all = new CyclicBarrier(RoutedApplication.SIZE);
		Trial.succeed(Trial.inThreads(application, RoutedApplication.SIZE, () -> {
			try (var connection = pool.getConnection()) {
				Trial.await(all);
				return connection;
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}));
	}

	private static void assertNothingIsTaken(ConfigurableApplicationContext application) {
		Map<String, CooperativeDataSource> pools = new TreeMap<>(
				application.getBeansOfType(CooperativeDataSource.class));
		assertThat(pools).hasSize(2);
		assertThat(pools.values()).allSatisfy((pool) -> {
			assertThat(pool.getPlacesTaken()).isZero();
			assertThat(pool.getThreadsInQueue()).isZero();
			assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		});
	}

	private static void report(String scenario, boolean starter, String model, Load load) {
		System.out.println(scenario + ", " + (starter ? model : "without the starter") + ": " + load);
	}

	/**
	 * How a server is lost.
	 */
	enum Loss {

		/**
		 * In order: it tells its clients.
		 */
		STOP {

			@Override
			void happenTo(ReplicatedServers.Server server) throws Exception {
				server.stop();
			}

		},

		/**
		 * Its processes end, and their system closes the connections.
		 */
		KILL {

			@Override
			void happenTo(ReplicatedServers.Server server) {
				server.kill();
			}

		},

		/**
		 * It says nothing anymore, and nobody says so.
		 */
		FREEZE {

			@Override
			void happenTo(ReplicatedServers.Server server) throws Exception {
				server.freeze();
			}

		};

		abstract void happenTo(ReplicatedServers.Server server) throws Exception;

	}

}
