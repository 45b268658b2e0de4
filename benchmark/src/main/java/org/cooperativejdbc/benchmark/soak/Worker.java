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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;

import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * Does one operation after the other, some of them with a deadline, and explains each
 * failure by what was done to it. It goes on on another thread from time to time.
 */
final class Worker implements Runnable {

	private static final int OPERATIONS_PER_THREAD = 100;

	private static final int DEADLINE_ONE_IN = 20;

	private static final int LONGEST_DEADLINE_MILLIS = 60;

	private static final int ATTEMPTS = 20;

	private final SoakPool pool;

	private final Random random;

	private volatile Work work;

	Worker(SoakPool pool, Random random) {
		this.pool = pool;
		this.random = random;
		this.work = new Work(pool, random, false);
	}

	Work work() {
		return this.work;
	}

	@Override
	public void run() {
		for (int i = 0; i < OPERATIONS_PER_THREAD; i++) {
			if (this.pool.isStopped()) {
				return;
			}
			Operation operation = Operation.random(this.random);
			try {
				perform(operation);
			}
			catch (Throwable ex) {
				unexplained(operation, ex);
			}
		}
		this.pool.start(this);
	}

	private void perform(Operation operation) throws SQLException {
		boolean exposed = operation.isExposed(this.random);
		Work work = new Work(this.pool, this.random, exposed);
		boolean limited = exposed && this.random.nextInt(DEADLINE_ONE_IN) == 0;
		Deadline deadline = limited
				? Deadline.after(Duration.ofMillis(1 + this.random.nextInt(LONGEST_DEADLINE_MILLIS))) : null;
		this.work = work;
		Exception failure = null;
		try (Deadline.Scope scope = Deadline.replace(deadline)) {
			operation.perform(work);
		}
		catch (Exception ex) {
			failure = ex;
		}
		boolean statusLost = work.end();
		if (failure != null) {
			failed(operation, work, failure, deadline);
		}
		if (statusLost) {
			unexplained(operation, new IllegalStateException("The interrupt status was lost", failure));
		}
		if (work.rows() != null) {
			verify(operation, work);
		}
	}

	private void failed(Operation operation, Work work, Exception failure, @Nullable Deadline deadline) {
		Counts counts = this.pool.counts();
		if (failure instanceof WrongAnswerException) {
			counts.wrong.increment();
			report("wrong answer", operation, failure);
		}
		else if (work.isDoomed() || work.isClosedByAnother()) {
			counts.terminated.increment();
		}
		else if (work.isCommitting() || !(failure instanceof SQLException)) {
			unexplained(operation, failure);
		}
		else if (work.isInterrupted() || (deadline != null && deadline.leftNanos() <= 0)) {
			(work.isInterrupted() ? counts.interrupted : counts.late).increment();
			String state = ((SQLException) failure).getSQLState();
			if (operation != Operation.NOTIFICATION && work.driver() != null && state != null
					&& state.startsWith("08")) {
				counts.lost.increment();
			}
		}
		else if (!operation.mayFail(failure)) {
			unexplained(operation, failure);
		}
	}

	/**
	 * Look for the rows that were written: all of them if the transaction was committed,
	 * none if it was not, either if that is not known.
	 */
	private void verify(Operation operation, Work work) throws SQLException {
		for (int attempt = 1;; attempt++) {
			Work check = new Work(this.pool, this.random, false);
			try {
				int rows = countAndDelete(check, work.number());
				if (!work.isPossible(rows)) {
					this.pool.counts().wrong.increment();
					report("wrong number of rows", operation,
							new IllegalStateException(rows + " rows, " + work.rows() + " expected"));
				}
				return;
			}
			catch (SQLException ex) {
				if (attempt == ATTEMPTS || !check.isDoomed()) {
					throw ex;
				}
			}
		}
	}

	private static int countAndDelete(Work check, long number) throws SQLException {
		try (Connection connection = check.connect();
				PreparedStatement count = connection.prepareStatement("select count(*) from soak where operation = ?");
				PreparedStatement delete = connection.prepareStatement("delete from soak where operation = ?")) {
			count.setLong(1, number);
			try (ResultSet result = count.executeQuery()) {
				result.next();
				int rows = result.getInt(1);
				if (rows > 0) {
					delete.setLong(1, number);
					delete.execute();
				}
				return rows;
			}
		}
	}

	private void unexplained(Operation operation, Throwable failure) {
		this.pool.counts().unexplained.increment();
		report("not explained", operation, failure);
	}

	private static void report(String what, Operation operation, Throwable failure) {
		synchronized (Worker.class) {
			System.err.println(operation + ", " + what + ":");
			failure.printStackTrace();
		}
	}

}
