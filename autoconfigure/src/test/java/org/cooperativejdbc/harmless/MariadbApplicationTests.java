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

import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import javax.net.SocketFactory;

import com.mysql.cj.conf.PropertySet;
import com.mysql.cj.protocol.StandardSocketFactory;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.test.Database;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mariadb.jdbc.MariaDbDataSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Applications on MariaDB, by its own driver and by MySQL's, whose data source is
 * configured in ways that the starter may not have been made for: they read and write as
 * they do without it, and what could not be installed is reported.
 */
class MariadbApplicationTests {

	static {
		System.setProperty("p6spy.config.appender", "com.p6spy.engine.spy.appender.Slf4JLogger");
	}

	private static final String INSTALLED = "MariaDB socket factory installed";

	private static final String MYSQL_INSTALLED = "MySQL socket factory installed";

	static Stream<Arguments> runs() {
		return Stream.concat(
				Stream.of(Form.values())
					.flatMap((form) -> Stream.of(Arguments.of(form, false, "virtual"),
							Arguments.of(form, true, "virtual"), Arguments.of(form, true, "event-loop"))),
				Stream.of(Arguments.of(Form.URL, true, "platform"), Arguments.of(Form.MYSQL, true, "platform")));
	}

	@ParameterizedTest
	@MethodSource("runs")
	void readsAndWrites(Form form, boolean starter, String model) throws Exception {
		OwnFactory.sockets.set(0);
		try (ConfigurableApplicationContext context = start(form, starter, model)) {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			Future<?> work = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class).submit(() -> {
				writeBatch(pool);
				return null;
			});
			work.get(60, TimeUnit.SECONDS);
			assertThat(
					context.getBean(JdbcClient.class).sql("select count(*) from batch").query(Integer.class).single())
				.isEqualTo(1000);
			if (form.own) {
				assertThat(OwnFactory.sockets).hasPositiveValue();
			}
			if (starter && !model.equals("platform")) {
				assertThat(context.getBean(CooperativeJdbc.class).dataSources().get("dataSource"))
					.startsWith(form.outcome);
				assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::id)
					.filteredOn("socket-factory"::equals)
					.hasSize(form.isInstalled() ? 0 : 1);
				if (form.isInstalled()) {
					assertInterruptKeepsTheConnection(context);
				}
			}
		}
	}

	private static void writeBatch(HikariDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			connection.createStatement().execute("create or replace table batch (number int)");
			connection.setAutoCommit(false);
			try (PreparedStatement insert = connection.prepareStatement("insert into batch values (?)")) {
				for (int i = 0; i < 1000; i++) {
					insert.setInt(1, i);
					insert.addBatch();
				}
				insert.executeBatch();
			}
			connection.commit();
			connection.setReadOnly(true);
			try (PreparedStatement select = connection.prepareStatement("select number from batch")) {
				select.setFetchSize(10);
				assertThat(select.executeQuery().next()).isTrue();
			}
			connection.rollback();
			connection.setReadOnly(false);
		}
	}

	private static void assertInterruptKeepsTheConnection(ConfigurableApplicationContext context) throws Exception {
		JdbcClient jdbc = context.getBean(JdbcClient.class);
		String session = "select connection_id()";
		int before = jdbc.sql(session).query(Integer.class).single();
		CompletableFuture<Throwable> failure = new CompletableFuture<>();
		Future<?> task = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
			.submit(() -> failure.complete(catchThrowable(
					() -> jdbc.sql("select sleep(61), 'mariadb application' from seq_1_to_2 where seq % 2 = 1")
						.query()
						.listOfRows())));
		await().until(() -> Database.MARIADB.running("%mariadb application%") == 1);
		task.cancel(true);
		assertThat(failure.get(15, TimeUnit.SECONDS)).rootCause().hasMessageContaining("interrupted");
		assertThat(jdbc.sql(session).query(Integer.class).single()).isEqualTo(before);
	}

	private static ConfigurableApplicationContext start(Form form, boolean starter, String model) {
		Database database = Database.MARIADB;
		List<String> properties = new ArrayList<>(List.of("spring.datasource.username=" + database.username(),
				"spring.datasource.password=" + database.password(), "spring.datasource.hikari.maximum-pool-size=1",
				"spring.threads.virtual.enabled=true", "cooperative.jdbc.enabled=" + starter,
				"cooperative.jdbc.model=" + model));
		properties.addAll(form.properties(database.url()));
		return new SpringApplicationBuilder((form == Form.DATA_SOURCE_CLASS)
				? new Class<?>[] { Application.class, DataSourceClass.class } : new Class<?>[] { Application.class })
			.web(WebApplicationType.NONE)
			.properties(properties.toArray(String[]::new))
			.run();
	}

	/**
	 * How a data source is configured.
	 */
	enum Form {

		URL((url) -> url, INSTALLED),

		FACTORY_IN_THE_URL((url) -> url + "?socketFactory=" + OwnFactory.class.getName(), OwnFactory.class),

		FACTORY_IN_CAPITALS((url) -> url + "?SOCKETFACTORY=" + OwnFactory.class.getName(), OwnFactory.class),

		FACTORY_IN_THE_PROPERTIES((url) -> url, OwnFactory.class,
				"spring.datasource.hikari.data-source-properties.socketFactory=" + OwnFactory.class.getName()),

		URL_OF_MYSQL((url) -> url.replace("mariadb", "mysql") + "?permitMysqlScheme", INSTALLED,
				"spring.datasource.driver-class-name=org.mariadb.jdbc.Driver"),

		SEQUENTIAL((url) -> url.replace("mariadb:", "mariadb:sequential:"), INSTALLED),

		REPLICATION((url) -> url.replaceFirst("mariadb://([^/]+)", "mariadb:replication://$1,$1"), INSTALLED),

		LOAD_BALANCE((url) -> url.replaceFirst("mariadb://([^/]+)", "mariadb:loadbalance://$1,$1"), INSTALLED),

		BULK((url) -> url + "?useBulkStmts=true&useServerPrepStmts=true&allowMultiQueries=true", INSTALLED),

		COMPRESSED((url) -> url + "?useCompression=true", INSTALLED),

		READ_AHEAD((url) -> url + "?useReadAheadInput=true&autocommit=false", INSTALLED),

		OWN_POOL((url) -> url + "?pool=true&maxPoolSize=2",
				"socket factory not installed, because the driver has a pool of its own"),

		P6SPY((url) -> url.replace("jdbc:", "jdbc:p6spy:"), INSTALLED + " through p6spy",
				"spring.datasource.driver-class-name=com.p6spy.engine.spy.P6SpyDriver"),

		OPENTELEMETRY((url) -> url.replace("jdbc:", "jdbc:otel:"), INSTALLED + " through otel",
				"spring.datasource.driver-class-name=io.opentelemetry.instrumentation.jdbc.OpenTelemetryDriver"),

		MYSQL((url) -> url.replace("mariadb", "mysql"), MYSQL_INSTALLED),

		MYSQL_LOAD_BALANCE((url) -> url.replaceFirst("mariadb://([^/]+)", "mysql:loadbalance://$1,$1"),
				MYSQL_INSTALLED),

		MYSQL_REWRITTEN_AND_COMPRESSED(
				(url) -> url.replace("mariadb", "mysql")
						+ "?rewriteBatchedStatements=true&useServerPrepStmts=true&useCompression=true",
				MYSQL_INSTALLED),

		MYSQL_P6SPY((url) -> url.replace("jdbc:mariadb", "jdbc:p6spy:mysql"), MYSQL_INSTALLED + " through p6spy",
				"spring.datasource.driver-class-name=com.p6spy.engine.spy.P6SpyDriver"),

		MYSQL_FACTORY((url) -> url.replace("mariadb", "mysql") + "?socketFactory=" + OwnMysqlFactory.class.getName(),
				OwnMysqlFactory.class),

		DATA_SOURCE_CLASS((url) -> url,
				"socket factory not installed, because org.mariadb.jdbc.MariaDbDataSource takes no connection properties");

		private final UnaryOperator<String> url;

		private final String outcome;

		private final boolean own;

		private final List<String> properties;

		Form(UnaryOperator<String> url, String outcome, String... properties) {
			this.url = url;
			this.outcome = outcome;
			this.own = false;
			this.properties = List.of(properties);
		}

		Form(UnaryOperator<String> url, Class<?> own, String... properties) {
			this.url = url;
			this.outcome = "socket factory " + own.getName() + " kept";
			this.own = true;
			this.properties = List.of(properties);
		}

		boolean isInstalled() {
			return this.outcome.startsWith(INSTALLED) || this.outcome.startsWith(MYSQL_INSTALLED);
		}

		List<String> properties(String url) {
			List<String> properties = new ArrayList<>(this.properties);
			properties.add("spring.datasource.url=" + this.url.apply(url));
			return properties;
		}

	}

	/**
	 * A factory of the user's.
	 */
	public static class OwnFactory extends SocketFactory {

		private static final AtomicInteger sockets = new AtomicInteger();

		@Override
		public Socket createSocket() {
			sockets.incrementAndGet();
			return new Socket();
		}

		@Override
		public Socket createSocket(String host, int port) throws UnknownHostException {
			throw new UnknownHostException(host);
		}

		@Override
		public Socket createSocket(String host, int port, InetAddress local, int localPort)
				throws UnknownHostException {
			throw new UnknownHostException(host);
		}

		@Override
		public Socket createSocket(InetAddress host, int port) throws UnknownHostException {
			throw new UnknownHostException(host.toString());
		}

		@Override
		public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
				throws UnknownHostException {
			throw new UnknownHostException(host.toString());
		}

	}

	/**
	 * A factory of the user's for MySQL's driver.
	 */
	public static class OwnMysqlFactory extends StandardSocketFactory {

		@Override
		protected Socket createSocket(PropertySet properties) {
			OwnFactory.sockets.incrementAndGet();
			return new Socket();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DataSourceClass {

		@Bean
		HikariDataSource dataSource() {
			HikariDataSource pool = new HikariDataSource();
			pool.setDataSourceClassName(MariaDbDataSource.class.getName());
			pool.addDataSourceProperty("url", Database.MARIADB.url());
			pool.setUsername(Database.MARIADB.username());
			pool.setPassword(Database.MARIADB.password());
			return pool;
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

	}

}
