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

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/**
 * Has many calls in flight at once on a pool of eight.
 */
public final class ManyCallsMain {

	private static final int CONNECTIONS = 8;

	private ManyCallsMain() {
	}

	public static void main(String[] args) throws Exception {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(args[0]);
		config.setUsername(args[1]);
		config.setPassword(args[2]);
		config.setMaximumPoolSize(CONNECTIONS);
		config.setConnectionTimeout(120_000);
		CooperativeOptions options = CooperativeOptions.defaults().withModel(ConcurrencyModel.valueOf(args[3]));
		int count = Integer.parseInt(args[4]);
		try (Cooperative cooperative = Cooperative.start(options)) {
			HikariDataSource pool = cooperative.pool(config);
			List<Connection> held = new ArrayList<>();
			for (int i = 0; i < CONNECTIONS; i++) {
				held.add(pool.getConnection());
			}
			List<CompletableFuture<Integer>> calls = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				int number = i;
				calls.add(cooperative.call(() -> query(pool, number)));
			}
			long inFlight = calls.stream().filter((call) -> !call.isDone()).count();
			for (Connection connection : held) {
				connection.close();
			}
			long sum = calls.stream().mapToLong(CompletableFuture::join).sum();
			System.out.println(inFlight + " in flight, " + sum + " of " + LongStream.range(0, count).sum());
		}
	}

	private static int query(HikariDataSource pool, int number) throws Exception {
		try (Connection connection = pool.getConnection();
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select " + number)) {
			result.next();
			return result.getInt(1);
		}
	}

}
