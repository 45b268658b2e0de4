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

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.TestDatabase;

/**
 * Threads of a kind that use a database, with a pool and without.
 */
final class DatabaseUser implements AutoCloseable {

	private final Carrier.Carried carried;

	private final String url;

	private final String key;

	private final Set<HikariDataSource> pools = ConcurrentHashMap.newKeySet();

	DatabaseUser(Carrier carrier, String url, Duration grace) throws IOException {
		this.carried = carrier.open(InterruptPolicy.CANCEL, grace);
		this.url = url;
		this.key = CooperativeSocketFactory.register(this.carried.sockets());
	}

	ThreadFactory threads() {
		return this.carried.threads();
	}

	void call(Callable<?> action) throws Exception {
		FutureTask<?> task = new FutureTask<>(action);
		this.carried.threads().newThread(task).start();
		task.get(60, TimeUnit.SECONDS);
	}

	Connection connect() throws SQLException {
		Properties properties = new Properties();
		properties.setProperty("user", TestDatabase.instance().username());
		properties.setProperty("password", TestDatabase.instance().password());
		PostgresqlDriver.install(properties, this.key);
		return Objects.requireNonNull(new CancellingDriver().connect(this.url, properties));
	}

	synchronized HikariDataSource pool() {
		if (this.pools.isEmpty()) {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(this.url);
			pool.setUsername(TestDatabase.instance().username());
			pool.setPassword(TestDatabase.instance().password());
			pool.setDriverClassName(CancellingDriver.class.getName());
			pool.setMaximumPoolSize(4);
			PostgresqlDriver.install(pool.getDataSourceProperties(), this.key);
			this.pools.add(pool);
		}
		return this.pools.iterator().next();
	}

	Set<Integer> backends() throws SQLException {
		List<Connection> connections = new ArrayList<>();
		Set<Integer> backends = new HashSet<>();
		try {
			for (int i = 0; i < pool().getMaximumPoolSize(); i++) {
				Connection connection = pool().getConnection();
				connections.add(connection);
				backends.add(Statements.backend(connection));
			}
		}
		finally {
			for (Connection connection : connections) {
				connection.close();
			}
		}
		return backends;
	}

	@Override
	public void close() throws Exception {
		this.pools.forEach(HikariDataSource::close);
		CooperativeSocketFactory.unregister(this.key);
		this.carried.resource().close();
	}

}
