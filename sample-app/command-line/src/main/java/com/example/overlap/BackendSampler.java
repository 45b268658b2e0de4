package com.example.overlap;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * Asks PostgreSQL again and again how many backends sleep for us, on a platform thread
 * and a connection of its own, so that nothing the program does can hide from it.
 */
class BackendSampler implements AutoCloseable {

	private static final String SLEEPING = """
			select count(*) from pg_stat_activity
			where state = 'active' and query like '%pg_sleep%' and pid <> pg_backend_pid()
			""";

	private final CountDownLatch stopped = new CountDownLatch(1);

	private final IntSupplier fetchesInFlight;

	private final FutureTask<Peak> peak;

	BackendSampler(JdbcConnectionDetails database, IntSupplier fetchesInFlight) {
		this.fetchesInFlight = fetchesInFlight;
		Connection connection = connect(database);
		Callable<Peak> sampling = () -> sample(connection);
		this.peak = new FutureTask<>(sampling);
		Thread.ofPlatform().name("backend-sampler").start(this.peak);
	}

	Peak stop() {
		close();
		try {
			return this.peak.get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("The server could not be asked for its backends", ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
	}

	@Override
	public void close() {
		this.stopped.countDown();
	}

	private Peak sample(Connection connection) throws SQLException, InterruptedException {
		Peak highest = new Peak(0, 0);
		try (connection; PreparedStatement sleeping = connection.prepareStatement(SLEEPING)) {
			do {
				try (ResultSet result = sleeping.executeQuery()) {
					result.next();
					highest = highest.or(new Peak(result.getInt(1), this.fetchesInFlight.getAsInt()));
				}
			}
			while (!this.stopped.await(5, TimeUnit.MILLISECONDS));
		}
		return highest;
	}

	private static Connection connect(JdbcConnectionDetails database) {
		try {
			return DriverManager.getConnection(database.getJdbcUrl(), database.getUsername(), database.getPassword());
		}
		catch (SQLException ex) {
			throw new IllegalStateException("No connection to look at the backends", ex);
		}
	}

	record Peak(int backends, int fetches) {

		Peak or(Peak other) {
			if (this.backends == other.backends) {
				return new Peak(this.backends, Math.max(this.fetches, other.fetches));
			}
			return (this.backends > other.backends) ? this : other;
		}

	}

}
