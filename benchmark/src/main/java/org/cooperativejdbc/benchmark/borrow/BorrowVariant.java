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

import java.io.IOException;
import java.util.Locale;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Variant;
import org.cooperativejdbc.benchmark.load.LoadProcess;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolSettings;

/**
 * A pool.
 */
enum BorrowVariant implements Variant {

	/**
	 * HikariCP as it is.
	 */
	HIKARICP {
		@Override
		HikariDataSource open(HikariConfig config) {
			return new HikariDataSource(config);
		}
	},

	/**
	 * The queue in front of it.
	 */
	COOPERATIVE {
		@Override
		HikariDataSource open(HikariConfig config) {
			return new CooperativeDataSource(config, PoolSettings.DEFAULT);
		}
	};

	abstract HikariDataSource open(HikariConfig config);

	@Override
	public Contestant start(Cell cell, Database database, Options options) throws IOException {
		int connections = cell.operation().equals(BorrowScenario.UNCONTENDED) ? cell.concurrency()
				: Math.ceilDiv(cell.concurrency(), 4);
		return LoadProcess.client(JavaCommand.DEFAULT, database,
				new BorrowLoad(this, database.target(cell), connections), cell.concurrency());
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}

}
