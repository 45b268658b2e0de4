package com.example.library.status;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;
import org.jspecify.annotations.Nullable;

/**
 * Slow queries on the threads of one concurrency model, with a pool of their own.
 */
class LiveModel implements AutoCloseable {

	/**
	 * As many as Tomcat has. Virtual threads need no limit.
	 */
	private static final int PLATFORM_THREADS = 200;

	/**
	 * The SQLState of a statement that was canceled.
	 */
	private static final String CANCELED = "57014";

	private final ConcurrencyModel model;

	private final Cooperative cooperative;

	private final int limit;

	private final ExecutorService executor;

	private final HikariDataSource pool;

	private final Set<Query> queries = ConcurrentHashMap.newKeySet();

	private final Set<String> threads = ConcurrentHashMap.newKeySet();

	private final Set<Integer> connections = ConcurrentHashMap.newKeySet();

	private final AtomicInteger waiting = new AtomicInteger();

	private final LongAdder requested = new LongAdder();

	private final LongAdder answered = new LongAdder();

	private final LongAdder canceled = new LongAdder();

	private final LongAdder failed = new LongAdder();

	private final LongAdder nanos = new LongAdder();

	/**
	 * Start a model.
	 * @param limit how many queries there are at once at most
	 * @throws IllegalStateException if this JVM cannot have it
	 */
	LiveModel(ConcurrencyModel model, HikariConfig config, int limit) {
		this.model = model;
		this.cooperative = Cooperative.start(CooperativeOptions.defaults().withModel(model));
		this.limit = limit;
		this.executor = this.cooperative.executor((model == ConcurrencyModel.PLATFORM) ? PLATFORM_THREADS : limit,
				limit);
		this.pool = this.cooperative.pool(config);
	}

	/**
	 * Start queries, all at once, as far as there is room for them.
	 */
	void start(int count, double seconds) {
		if (this.queries.isEmpty()) {
			this.threads.clear();
		}
		for (int i = 0; i < count && this.queries.size() < this.limit; i++) {
			Query query = new Query(seconds);
			this.requested.increment();
			this.queries.add(query);
			query.future = this.executor.submit(query);
		}
	}

	/**
	 * Interrupt the threads of all queries. Those that have no thread yet do not begin.
	 */
	void interrupt() {
		for (Query query : this.queries) {
			query.interrupt();
		}
	}

	/**
	 * Return the name of the current thread, or of the one that carries it.
	 */
	private static String platformThread() {
		String thread = Thread.currentThread().toString();
		return Thread.currentThread().isVirtual() ? thread.substring(thread.lastIndexOf('@') + 1) : thread;
	}

	/**
	 * Return the figures of the model.
	 * @param active how many of its statements the server executes
	 */
	Figures figures(int active) {
		return new Figures(this.model.toString(), this.requested.sum(), this.queries.size(), active,
				this.waiting.get(), this.threads.size(), this.connections.size(), this.answered.sum(),
				this.canceled.sum(), this.failed.sum(), this.nanos.sum() / 1e9);
	}

	@Override
	public void close() {
		interrupt();
		this.cooperative.close();
	}

	private final class Query implements Runnable {

		private final double seconds;

		private final AtomicBoolean begun = new AtomicBoolean();

		private volatile @Nullable Future<?> future;

		private Query(double seconds) {
			this.seconds = seconds;
		}

		@Override
		public void run() {
			if (this.begun.compareAndSet(false, true)) {
				query();
				LiveModel.this.queries.remove(this);
			}
		}

		private void query() {
			long start = System.nanoTime();
			LiveModel.this.threads.add(platformThread());
			try (Connection connection = connect();
					PreparedStatement statement = connection
						.prepareStatement("select pg_backend_pid(), pg_sleep(?)")) {
				statement.setDouble(1, this.seconds);
				try (ResultSet result = statement.executeQuery()) {
					result.next();
					LiveModel.this.connections.add(result.getInt(1));
				}
				LiveModel.this.answered.increment();
				LiveModel.this.nanos.add(System.nanoTime() - start);
			}
			catch (SQLException ex) {
				(CANCELED.equals(ex.getSQLState()) ? LiveModel.this.canceled : LiveModel.this.failed).increment();
			}
			LiveModel.this.threads.add(platformThread());
		}

		private Connection connect() throws SQLException {
			LiveModel.this.waiting.incrementAndGet();
			try {
				return LiveModel.this.pool.getConnection();
			}
			finally {
				LiveModel.this.waiting.decrementAndGet();
			}
		}

		private void interrupt() {
			Future<?> future = this.future;
			if (future != null) {
				future.cancel(true);
			}
			if (this.begun.compareAndSet(false, true)) {
				LiveModel.this.failed.increment();
				LiveModel.this.queries.remove(this);
			}
		}

	}

	/**
	 * What the page shows of a model. Numbers grow, except for those of the present.
	 *
	 * @param model the name of the model
	 * @param requested how many queries were asked for
	 * @param unfinished how many have not ended
	 * @param active how many the server executes now
	 * @param waiting how many wait for a connection now
	 * @param threads how many platform threads have run them since the last start
	 * @param connections how many connections they have used
	 * @param answered how many were answered
	 * @param canceled how many were canceled in the server
	 * @param failed how many failed in another way, or were interrupted before they began
	 * @param seconds how long those took together that were answered
	 */
	record Figures(String model, long requested, int unfinished, int active, int waiting, int threads,
			int connections, long answered, long canceled, long failed, double seconds) {
	}

}
