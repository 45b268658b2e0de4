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

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A COMMIT is not given up, whatever happens to the thread that waits for it.
 */
class CommitTests {

	private static final Duration GRACE = Duration.ofMillis(300);

	/**
	 * By then the server has been asked whether it answers anybody.
	 */
	private static final Duration SERVER_ASKED = Duration.ofSeconds(4);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	/**
	 * Without a standby a COMMIT waits; canceled, it would succeed with a warning. All
	 * wait at once.
	 */
	@ParameterizedTest
	@EnumSource
	void commitIsNeverCanceled(Carrier carrier) throws Exception {
		List<Committing> all = new ArrayList<>();
		try (Connection admin = TestDatabase.instance().connect()) {
			Statements.execute(admin, "create table if not exists committed (name text)");
			for (Commit commit : Commit.values()) {
				all.add(new Committing(this.users.open(carrier, GRACE), commit, false));
				if (carrier != Carrier.PLATFORM) {
					all.add(new Committing(this.users.open(carrier, GRACE), commit, true));
				}
			}
			synchronousStandby(admin, "missing");
			awaitCheckpointer(admin);
			all.forEach(Committing::start);
			awaitSyncRep(admin, all.stream().map((each) -> each.committed).toList());
			all.stream().filter((each) -> each.interrupt).forEach(Committing::interrupt);
			await().during((carrier == Carrier.EVENT_LOOP) ? SERVER_ASKED : GRACE.multipliedBy(2))
				.untilAsserted(() -> assertThat(all).noneMatch((each) -> each.committed.isDone()));
			synchronousStandby(admin, "");
			for (Committing each : all) {
				assertThat(each.committed.get(30, TimeUnit.SECONDS)).as("warnings of %s", each).isNull();
				each.connection.close();
			}
		}
		finally {
			try (Connection admin = TestDatabase.instance().connect()) {
				synchronousStandby(admin, "");
			}
		}
	}

	private static void synchronousStandby(Connection admin, String name) throws SQLException {
		Statements.execute(admin, "alter system set synchronous_standby_names = '" + name + "'");
		Statements.execute(admin, "select pg_reload_conf()");
	}

	/**
	 * It is the checkpointer that has commits wait, as soon as it has seen the setting.
	 * Until then they do not, although a new session shows it already.
	 */
	private static void awaitCheckpointer(Connection admin) throws Exception {
		try (Connection connection = TestDatabase.instance().connect();
				Statement statement = connection.createStatement()) {
			statement.execute("set synchronous_commit = on");
			FutureTask<@Nullable String> probe = new FutureTask<>(() -> {
				while (statement.getWarnings() == null) {
					statement.execute("insert into committed values ('probe')");
				}
				return null;
			});
			Thread.startVirtualThread(probe);
			awaitSyncRep(admin, List.of(probe));
			statement.cancel();
			probe.get(30, TimeUnit.SECONDS);
		}
	}

	private static void awaitSyncRep(Connection admin, List<? extends FutureTask<?>> committing) throws Exception {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		boolean waits = false;
		while (!waits) {
			try (Statement statement = admin.createStatement();
					ResultSet result = statement
						.executeQuery("select count(*) from pg_stat_activity where wait_event = 'SyncRep'")) {
				result.next();
				waits = result.getInt(1) >= committing.size();
			}
			for (FutureTask<?> each : committing) {
				if (each.isDone()) {
					assertThat(each.get()).as("committed without a wait").isNotNull();
				}
			}
			assertThat(System.nanoTime()).isLessThan(deadline);
		}
	}

	/**
	 * A thread that commits a transaction.
	 */
	private static final class Committing {

		private final Commit commit;

		private final boolean interrupt;

		private final Connection connection;

		private final FutureTask<@Nullable String> committed;

		private final Thread thread;

		Committing(DatabaseUser user, Commit commit, boolean interrupt) throws SQLException {
			this.commit = commit;
			this.interrupt = interrupt;
			this.connection = user.pool().getConnection();
			prepare();
			this.committed = new FutureTask<>(() -> {
				try (Deadline.Scope scope = Deadline.after(interrupt ? LONG_GRACE : Duration.ofMillis(50)).enter()) {
					return commit.commit(this.connection);
				}
			});
			this.thread = user.threads().newThread(this.committed);
		}

		private void prepare() throws SQLException {
			this.connection.setAutoCommit(this.commit == Commit.TEXT || this.commit == Commit.PREPARED_TEXT);
			this.commit.prepare(this.connection);
			Statements.execute(this.connection, "set session synchronous_commit = on");
			if (this.connection.getAutoCommit()) {
				Statements.execute(this.connection, "begin");
			}
			Statements.execute(this.connection, "insert into committed values ('" + this.commit + "')");
			this.connection.clearWarnings();
		}

		void start() {
			this.thread.start();
		}

		void interrupt() {
			this.thread.interrupt();
		}

		@Override
		public String toString() {
			return this.commit + (this.interrupt ? ", interrupted" : "");
		}

	}

	/**
	 * Ways to commit.
	 */
	enum Commit {

		METHOD {

			@Override
			@Nullable String commit(Connection connection) throws SQLException {
				connection.commit();
				return warning(connection);
			}

		},

		AUTO_COMMIT {

			@Override
			@Nullable String commit(Connection connection) throws SQLException {
				connection.setAutoCommit(true);
				return warning(connection);
			}

		},

		TEXT {

			@Override
			@Nullable String commit(Connection connection) throws SQLException {
				return execute(connection, "/* done */ Commit");
			}

		},

		PREPARED_TEXT {

			@Override
			void prepare(Connection connection) throws SQLException {
				for (int i = 0; i < 10; i++) {
					execute(connection, "end");
				}
			}

			@Override
			@Nullable String commit(Connection connection) throws SQLException {
				return execute(connection, "end");
			}

		};

		void prepare(Connection connection) throws SQLException {
		}

		/**
		 * Return a warning, or {@code null}.
		 */
		abstract @Nullable String commit(Connection connection) throws SQLException;

		private static @Nullable String warning(Connection connection) throws SQLException {
			return (connection.getWarnings() != null) ? connection.getWarnings().getMessage() : null;
		}

		private static @Nullable String execute(Connection connection, String sql) throws SQLException {
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				statement.execute();
				return (statement.getWarnings() != null) ? statement.getWarnings().getMessage() : null;
			}
		}

	}

}
