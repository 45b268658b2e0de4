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

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpServer;
import org.cooperativejdbc.fleet.FailoverTests.Loss;
import org.cooperativejdbc.fleet.RoutedApplication.Items;
import org.cooperativejdbc.test.HaProxy;
import org.cooperativejdbc.test.ReplicatedServers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * HAProxy between the application and its servers. It knows the primary from agents on
 * the servers' machines, as Patroni has them.
 */
@Timeout(120)
class HaProxyTests {

	/**
	 * HAProxy ends the connections to a server that it finds lost, so that nobody needs a
	 * timeout.
	 */
	@ParameterizedTest
	@CsvSource({ "KILL, true, virtual", "FREEZE, false, virtual", "FREEZE, true, event-loop" })
	void requestsGoOnWithTheStandby(Loss loss, boolean starter, String model) throws Exception {
		try (Agent agent = new Agent(true);
				Agent other = new Agent(false);
				ReplicatedServers servers = new ReplicatedServers();
				HaProxy proxy = new HaProxy(addresses(servers), List.of(agent.address(), other.address()));
				ConfigurableApplicationContext application = RoutedApplication.start(starter, model,
						proxy.url() + "?user=postgres&sslmode=disable", servers.standby().url())) {
			Load writes = new Load(application, 12, application.getBean(Items.class)::insert);
			writes.awaitServed(100);
			loss.happenTo(servers.primary());
			agent.primary = false;
			await().atMost(Duration.ofSeconds(20)).until(() -> writes.failed() > 0);
			servers.promote();
			other.primary = true;
			writes.mark();
			writes.awaitServed(100);
			assertThat(writes.stop()).as("calls that hang").isZero();
			System.out.println("HAProxy, " + loss + ", " + (starter ? model : "without the starter") + ": " + writes);
			assertThat(FailoverTests.CLEAR).containsAll(writes.failures().keySet());
			assertThat(servers.standby().select("select id from item")).containsAll(writes.acknowledged());
		}
	}

	/**
	 * HAProxy leads every second connection to the other server, also those that are to
	 * cancel. There the process is not known, and the request is repeated.
	 */
	@Test
	void interruptCancelsTheStatementOnOneOfTwoServers() throws Exception {
		try (ReplicatedServers servers = new ReplicatedServers();
				HaProxy proxy = new HaProxy(addresses(servers));
				ConfigurableApplicationContext application = RoutedApplication.start(true, "event-loop",
						servers.primary().url(), proxy.url() + "?user=postgres&sslmode=disable")) {
			Items items = application.getBean(Items.class);
			AsyncTaskExecutor executor = application.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
			for (int i = 0; i < 4; i++) {
				CompletableFuture<String> state = new CompletableFuture<>();
				Future<?> task = executor.submit(() -> {
					try {
						items.sleep();
						state.complete("slept");
					}
					catch (RuntimeException ex) {
						state.complete(
								(ex.getCause() instanceof SQLException cause) ? cause.getSQLState() : ex.toString());
					}
				});
				await().until(() -> sleeping(servers) == 1);
				task.cancel(true);
				assertThat(state.get(10, TimeUnit.SECONDS)).isEqualTo("57014");
				assertThat(sleeping(servers)).isZero();
			}
		}
	}

	private static int sleeping(ReplicatedServers servers) throws SQLException {
		String sleeping = "select count(*) from pg_stat_activity where state = 'active' and query = 'select pg_sleep(31)'";
		return servers.primary().select(sleeping).get(0) + servers.standby().select(sleeping).get(0);
	}

	private static List<InetSocketAddress> addresses(ReplicatedServers servers) {
		return List.of(servers.primary().address(), servers.standby().address());
	}

	/**
	 * Says whether its server is the primary.
	 */
	private static final class Agent implements AutoCloseable {

		private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
				0);

		private volatile boolean primary;

		Agent(boolean primary) throws IOException {
			this.primary = primary;
			this.server.createContext("/primary", (exchange) -> {
				exchange.sendResponseHeaders(this.primary ? 200 : 503, -1);
				exchange.close();
			});
			this.server.start();
		}

		InetSocketAddress address() {
			return this.server.getAddress();
		}

		@Override
		public void close() {
			this.server.stop(0);
		}

	}

}
