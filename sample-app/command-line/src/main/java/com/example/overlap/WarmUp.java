package com.example.overlap;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.stereotype.Component;

/**
 * Gets over with what is slow only the first time, which is not what is to be seen.
 */
@Component
class WarmUp {

	private static final int ROUNDS = 10;

	private final HikariDataSource pool;

	private final Executor executor;

	WarmUp(HikariDataSource pool, AsyncTaskExecutor applicationTaskExecutor) {
		this.pool = pool;
		this.executor = applicationTaskExecutor;
	}

	/**
	 * Open connections, as far as the pool has room.
	 * @param count the number of connections
	 */
	void connections(int count) {
		Deque<Connection> open = new ArrayDeque<>();
		try {
			while (open.size() < Math.min(count, this.pool.getMaximumPoolSize())) {
				open.add(this.pool.getConnection());
			}
			while (!open.isEmpty()) {
				open.remove().close();
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The pool could not open " + this.pool.getMaximumPoolSize()
					+ " connections (spring.datasource.hikari.maximum-pool-size): does the server allow as many?", ex);
		}
	}

	/**
	 * Start a task again and again, until the machine is fast enough.
	 * @param task the task
	 * @param count how often to start it at once
	 * @param goal how long all of them together may take
	 */
	void calls(Runnable task, int count, Duration goal) {
		for (int round = 0; round < ROUNDS; round++) {
			long start = System.nanoTime();
			Batch.Result result = new Batch(this.executor, () -> {
			}).start(count, task).await();
			if (result.answered() < count || System.nanoTime() - start < goal.toNanos()) {
				return;
			}
		}
	}

}
