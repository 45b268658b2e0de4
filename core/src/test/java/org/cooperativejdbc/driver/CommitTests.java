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
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A COMMIT is not given up, whatever happens to the thread that waits for it.
 */
class CommitTests {

	private static final Duration GRACE = Duration.ofMillis(300);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@ParameterizedTest
	@EnumSource
	void commitIsNeverCanceled(Carrier carrier) throws Exception {
		for (Commit commit : Commit.values()) {
			assertNeverCanceled(carrier, commit, false);
			if (carrier != Carrier.PLATFORM) {
				assertNeverCanceled(carrier, commit, true);
			}
		}
	}

	/**
	 * Without a standby a COMMIT waits; canceled, it would succeed with a warning.
	 */
	private void assertNeverCanceled(Carrier carrier, Commit commit, boolean interrupt) throws Exception {
		DatabaseUser user = this.users.open(carrier, GRACE);
		FutureTask<@Nullable String> committed;
		AtomicReference<Thread> thread = new AtomicReference<>();
		try (Connection connection = user.pool().getConnection();
				Connection admin = TestDatabase.instance().connect()) {
			Statements.execute(admin, "create table if not exists committed (name text)");
			connection.setAutoCommit(commit == Commit.TEXT || commit == Commit.PREPARED_TEXT);
			commit.prepare(connection);
			Statements.execute(connection, "set session synchronous_commit = on");
			if (connection.getAutoCommit()) {
				Statements.execute(connection, "begin");
			}
			Statements.execute(connection, "insert into committed values ('" + commit + "')");
			connection.clearWarnings();
			synchronousStandby(admin, "missing");
			awaitCheckpointer(admin);
			committed = new FutureTask<>(() -> {
				try (Deadline.Scope scope = Deadline.after(interrupt ? LONG_GRACE : Duration.ofMillis(50)).enter()) {
					return commit.commit(connection);
				}
			});
			thread.set(user.threads().newThread(committed));
			thread.get().start();
			awaitSyncRep(admin, committed);
			if (interrupt) {
				thread.get().interrupt();
			}
			FutureTask<@Nullable String> waiting = committed;
			assertThatExceptionOfType(TimeoutException.class).as("%s, interrupt %s", commit, interrupt)
				.isThrownBy(() -> waiting.get(GRACE.toMillis() * 2, TimeUnit.MILLISECONDS));
			synchronousStandby(admin, "");
			assertThat(committed.get(30, TimeUnit.SECONDS)).as("warnings of %s", commit).isNull();
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
			awaitSyncRep(admin, probe);
			statement.cancel();
			probe.get(30, TimeUnit.SECONDS);
		}
	}

	private static void awaitSyncRep(Connection admin, FutureTask<?> committing) throws Exception {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		boolean waits = false;
		while (!waits) {
			try (Statement statement = admin.createStatement();
					ResultSet result = statement
						.executeQuery("select count(*) from pg_stat_activity where wait_event = 'SyncRep'")) {
				result.next();
				waits = result.getInt(1) > 0;
			}
			if (committing.isDone()) {
				assertThat(committing.get()).as("committed without a wait").isNotNull();
			}
			assertThat(System.nanoTime()).isLessThan(deadline);
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
