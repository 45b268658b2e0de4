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

package org.cooperativejdbc.benchmark.borrow;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.benchmark.Database.Target;
import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.LoadSource;
import org.cooperativejdbc.benchmark.load.Recording;

/**
 * Virtual threads that borrow connections and give them back.
 *
 * @param variant the pool
 * @param target the server
 * @param connections how many connections the pool has
 */
record BorrowLoad(BorrowVariant variant, Target target, int connections) implements LoadSource {

	private static final int BORROWS = 1000;

	@Override
	public Load open() {
		return this::start;
	}

	private Load.Running start(int threads, Recording recording) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.target.url());
		config.setDataSourceProperties(this.target.properties());
		config.setMaximumPoolSize(this.connections);
		HikariDataSource pool = this.variant.open(config);
		AtomicBoolean stopped = new AtomicBoolean();
		List<Thread> borrowers = new ArrayList<>();
		for (int i = 0; i < threads; i++) {
			borrowers.add(Thread.ofVirtual().start(() -> borrow(pool, recording, stopped)));
		}
		return () -> {
			stopped.set(true);
			for (Thread borrower : borrowers) {
				borrower.join();
			}
			pool.close();
		};
	}

	private static void borrow(HikariDataSource pool, Recording recording, AtomicBoolean stopped) {
		Recording.Lane lane = recording.newLane();
		while (!stopped.get()) {
			try {
				for (int i = 0; i < BORROWS; i++) {
					pool.getConnection().close();
				}
				lane.completed();
			}
			catch (SQLException ex) {
				lane.failed(ex.toString());
			}
		}
	}

}
