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

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A JVM that reaches its server through a SOCKS proxy, which only the JDK's own sockets
 * can do, and one that has such a proxy for other servers.
 */
@Timeout(60)
class SocksProxyTests {

	private static final String STATEMENT = "select pg_sleep(33)";

	private static final List<String> PROPERTIES = List.of("socksProxyHost", "socksProxyPort", "socksNonProxyHosts");

	private final ProxySelector selector = ProxySelector.getDefault();

	private SocksProxy proxy;

	@BeforeEach
	void startProxy() throws IOException {
		TestDatabase.instance();
		this.proxy = new SocksProxy();
	}

	@AfterEach
	void reset() throws IOException {
		PROPERTIES.forEach(System::clearProperty);
		ProxySelector.setDefault(this.selector);
		this.proxy.close();
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void proxyOfASelectorIsUsed(boolean starter, String model) throws Exception {
		ProxySelector.setDefault(new Selector(this.proxy.address()));
		run(starter, model, true);
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void proxyOfThePropertiesIsUsed(boolean starter, String model) throws Exception {
		setProxy("");
		run(starter, model, true);
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void proxyForOtherServersIsNotUsed(boolean starter, String model) throws Exception {
		setProxy("localhost|127.*|other.invalid");
		run(starter, model, false);
	}

	/**
	 * If this is not empty, the JDK adds the local host.
	 */
	private void setProxy(String nonProxyHosts) {
		System.setProperty("socksProxyHost", this.proxy.address().getHostString());
		System.setProperty("socksProxyPort", String.valueOf(this.proxy.address().getPort()));
		System.setProperty("socksNonProxyHosts", nonProxyHosts);
	}

	private void run(boolean starter, String model, boolean proxied) throws Exception {
		try (ConfigurableApplicationContext context = Trial.start(starter, model, List.of(Application.class),
				"spring.datasource.hikari.maximum-pool-size=1")) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			assertThat(jdbc.queryForObject("select 1", Integer.class)).isOne();
			String state = interrupt(context, jdbc);
			assertThat(jdbc.queryForObject("select 1", Integer.class)).isOne();
			assertThat(this.proxy.connects() > 0).isEqualTo(proxied);
			if (starter && !model.equals("platform")) {
				assertThat(state).isEqualTo("57014");
				assertThat(context.getBean(CooperativeJdbc.class).dataSources().get("dataSource").contains("SOCKS"))
					.isEqualTo(proxied);
			}
		}
	}

	/**
	 * Return the SQLState of a statement that is interrupted.
	 */
	private static String interrupt(ConfigurableApplicationContext context, JdbcTemplate jdbc) throws Exception {
		CompletableFuture<String> state = new CompletableFuture<>();
		Future<?> task = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class).submit(() -> {
			try {
				jdbc.execute(STATEMENT);
				state.complete("none");
			}
			catch (DataAccessException ex) {
				state.complete((ex.getRootCause() instanceof SQLException cause) ? cause.getSQLState()
						: ex.getRootCause().toString());
			}
		});
		await().until(() -> ActiveBackends.count(STATEMENT) == 1);
		task.cancel(true);
		String result = state.get(15, TimeUnit.SECONDS);
		try (var connection = TestDatabase.instance().connect(); var statement = connection.createStatement()) {
			statement.execute("select pg_terminate_backend(pid) from pg_stat_activity where query = '" + STATEMENT
					+ "' and state = 'active'");
		}
		return result;
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	private static final class Selector extends ProxySelector {

		private final InetSocketAddress address;

		private Selector(InetSocketAddress address) {
			this.address = address;
		}

		@Override
		public List<Proxy> select(URI uri) {
			return List
				.of(uri.getScheme().equals("socket") ? new Proxy(Proxy.Type.SOCKS, this.address) : Proxy.NO_PROXY);
		}

		@Override
		public void connectFailed(URI uri, SocketAddress address, IOException ex) {
		}

	}

}
