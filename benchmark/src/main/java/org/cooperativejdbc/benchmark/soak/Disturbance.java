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

package org.cooperativejdbc.benchmark.soak;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.postgresql.PGConnection;

/**
 * Interrupts threads, terminates backends, aborts connections.
 */
final class Disturbance implements Runnable {

	private static final int INTERVAL_MILLIS = 40;

	/**
	 * One disturbance in this number ends a connection, whereupon the pool exchanges all
	 * of them.
	 */
	private static final int ENDS = 125;

	private final SoakPool pool;

	private final List<Worker> workers;

	private final Random random;

	Disturbance(SoakPool pool, List<Worker> workers, Random random) {
		this.pool = pool;
		this.workers = workers;
		this.random = random;
	}

	@Override
	public void run() {
		try (Connection connection = this.pool.connect();
				PreparedStatement terminate = connection.prepareStatement("select pg_terminate_backend(?)")) {
			while (!this.pool.isStopped()) {
				TimeUnit.MILLISECONDS.sleep(this.random.nextInt(2 * INTERVAL_MILLIS));
				disturb(this.workers.get(this.random.nextInt(this.workers.size())).work(), terminate);
			}
		}
		catch (SQLException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void disturb(Work work, PreparedStatement terminate) throws SQLException {
		int choice = this.random.nextInt(2 * ENDS);
		PGConnection driver = work.driver();
		Connection connection = work.connection();
		if (choice > 1) {
			work.interrupt();
		}
		else if (driver != null && connection != null) {
			this.pool.doom(driver);
			if (choice == 0) {
				terminate.setInt(1, driver.getBackendPID());
				terminate.execute();
			}
			else {
				connection.abort(Runnable::run);
			}
		}
	}

}
