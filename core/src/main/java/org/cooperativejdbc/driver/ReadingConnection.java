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

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Field;
import org.postgresql.core.Query;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.QueryExecutorBase;
import org.postgresql.core.ResultCursor;
import org.postgresql.core.ResultHandler;
import org.postgresql.core.ResultHandlerBase;
import org.postgresql.core.ResultHandlerDelegate;
import org.postgresql.core.TransactionState;
import org.postgresql.core.Tuple;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.GT;
import org.postgresql.util.HostSpec;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * A connection that makes less of transactions that only read: where it is asked to, it
 * has them begin with the first statement that is not plain, and does not wait for the
 * answer of their COMMIT, which can decide nothing.
 * <p>
 * A plain statement, before which nothing has begun, is sent as if the connection were in
 * auto-commit mode, which is how the driver decides whether to send BEGIN. So a
 * transaction with no other statement has never begun, and the driver sends no COMMIT.
 * What the text of a statement tells is up to {@link StatementText}.
 * <p>
 * A transaction has only read if the driver has begun it with {@code READ ONLY}, each of
 * its statements was a single SELECT or SHOW, it runs at READ COMMITTED or REPEATABLE
 * READ, and none of its statements has failed. Any other COMMIT is that of the driver.
 * The answer of one that is not waited for is read along with that of the next statement,
 * or before the connection is closed.
 * <p>
 * All statements go through the executor of the connection, which
 * {@link #getQueryExecutor()} replaces by one that looks at them. Whether answers are
 * unread is asked under the driver's own lock, so a second thread that uses the
 * connection finds what it would find otherwise.
 */
final class ReadingConnection extends PgConnection implements AnswersAhead {

	private static final Log logger = LogFactory.getLog(ReadingConnection.class);

	private static final String ISOLATION = "SHOW TRANSACTION ISOLATION LEVEL";

	/**
	 * How long closing a connection waits for the answer of a COMMIT.
	 */
	private static final int CLOSE_TIMEOUT_MILLIS = 1000;

	private final QueryExecutorBase executor;

	private final ReadOnlyTransactions transactions;

	private final UnreadAnswers answers;

	private final Query begin;

	private final Query commit;

	private final Query isolationQuery;

	/**
	 * Null while the super class is constructed.
	 */
	private final @Nullable QueryExecutor watched;

	private volatile boolean unread; // the answer of a COMMIT

	private volatile boolean unbegun; // a transaction with statements, all of them plain

	// The following need the lock

	private boolean beginning; // a transaction, with the latest statement

	private boolean reading; // only, since the transaction began

	private @Nullable Session session; // when the transaction began

	private int isolation = Connection.TRANSACTION_NONE; // of the session, if known

	/**
	 * Connect.
	 * @param transactions how transactions that are read-only begin and end
	 */
	ReadingConnection(HostSpec[] hosts, Properties properties, String url, ReadOnlyTransactions transactions)
			throws SQLException {
		super(hosts, properties, url);
		this.transactions = transactions;
		this.executor = (QueryExecutorBase) super.getQueryExecutor();
		this.answers = new UnreadAnswers(this.executor);
		this.begin = this.executor.createSimpleQuery("BEGIN READ ONLY");
		this.commit = this.executor.createSimpleQuery("COMMIT");
		this.isolationQuery = this.executor.createSimpleQuery(ISOLATION);
		this.watched = (QueryExecutor) Proxy.newProxyInstance(QueryExecutor.class.getClassLoader(),
				new Class<?>[] { QueryExecutor.class }, this::invoke);
	}

	@Override
	public QueryExecutor getQueryExecutor() {
		QueryExecutor watched = this.watched;
		return (watched != null) ? watched : super.getQueryExecutor();
	}

	private @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
		return switch (method.getName()) {
			case "execute" -> execute(method, arguments);
			case "fetch", "processNotifies", "fastpathCall", "startCopy" -> executeAfterAnswers(method, arguments);
			default -> call(method, arguments);
		};
	}

	private @Nullable Object execute(Method method, Object @Nullable [] arguments) throws Throwable {
		if (arguments == null || !(arguments[0] instanceof Query query)) {
			return executeAfterAnswers(method, arguments);
		}
		ReentrantLock lock = this.answers.lock();
		lock.lock();
		try {
			int flags = (Integer) arguments[5];
			Object[] passed = arguments.clone();
			if (look(query, flags, (Integer) arguments[4])) {
				passed[5] = flags | QueryExecutor.QUERY_SUPPRESS_BEGIN;
			}
			if (!this.unread) {
				return call(method, passed);
			}
			CommitHandler handler = new CommitHandler((ResultHandler) arguments[2]);
			passed[2] = handler;
			call(method, passed);
			handler.end();
			return null;
		}
		finally {
			lock.unlock();
		}
	}

	/**
	 * Call what cannot read the answers of others.
	 */
	private @Nullable Object executeAfterAnswers(Method method, Object @Nullable [] arguments) throws Throwable {
		ReentrantLock lock = this.answers.lock();
		lock.lock();
		try {
			this.beginning = false;
			readAnswer();
			if (!method.getName().equals("fetch") && !method.getName().equals("processNotifies")) {
				if (this.unbegun && !method.getName().equals("execute")) {
					begin();
				}
				this.reading = false;
				this.unbegun = false;
				if (arguments != null && arguments[0] instanceof Query[] queries) {
					for (Query query : queries) {
						lookForSettings(text(query));
					}
				}
			}
			return call(method, arguments);
		}
		finally {
			lock.unlock();
		}
	}

	/**
	 * Begin the transaction before what the driver begins without {@code READ ONLY}.
	 */
	private void begin() throws SQLException {
		this.executor.execute(this.begin, null, new AnswerHandler(), 0, 0,
				QueryExecutor.QUERY_NO_METADATA | QueryExecutor.QUERY_NO_RESULTS | QueryExecutor.QUERY_SUPPRESS_BEGIN
						| QueryExecutor.QUERY_EXECUTE_AS_SIMPLE);
	}

	private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
		try {
			return method.invoke(this.executor, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/**
	 * Look at a statement that is about to be sent.
	 * @return whether it is to be sent without BEGIN
	 */
	private boolean look(Query query, int flags, int fetchSize) {
		boolean idle = this.executor.getTransactionState() == TransactionState.IDLE;
		StatementText text = text(query);
		boolean elided = idle && text.plain() && fetchSize == 0 && isOfReadOnlyTransaction(flags) && beginsLazily();
		this.beginning = idle && !elided && (flags & QueryExecutor.QUERY_SUPPRESS_BEGIN) == 0;
		this.unbegun = elided || (this.unbegun && idle && !this.beginning);
		if (idle) {
			this.reading = this.beginning && (flags & QueryExecutor.QUERY_READ_ONLY_HINT) != 0;
			this.session = this.reading ? Session.of(this.executor) : null;
		}
		this.reading &= text.reads();
		lookForSettings(text);
		return elided;
	}

	private StatementText text(Query query) {
		return (query.getSubqueries() == null) ? this.transactions.text(query.getNativeSql()) : StatementText.SEVERAL;
	}

	private void lookForSettings(StatementText text) {
		if (!text.harmless()) {
			this.isolation = Connection.TRANSACTION_NONE;
		}
	}

	private static boolean isOfReadOnlyTransaction(int flags) {
		return (flags & (QueryExecutor.QUERY_READ_ONLY_HINT | QueryExecutor.QUERY_SUPPRESS_BEGIN
				| QueryExecutor.QUERY_FORWARD_CURSOR)) == QueryExecutor.QUERY_READ_ONLY_HINT;
	}

	/**
	 * Return whether a plain statement reads the same as in a transaction.
	 */
	private boolean beginsLazily() {
		return this.isolation == Connection.TRANSACTION_READ_COMMITTED && this.executor.getAutoSave() == AutoSave.NEVER
				&& isLazy();
	}

	private boolean isLazy() {
		return switch (this.transactions.begin()) {
			case STANDARD -> false;
			case LAZY_WHERE_ENFORCED -> isWriteRefused();
			case LAZY -> true;
		};
	}

	/**
	 * Return whether the server has said that it refuses to write. What a pooler says may
	 * be that of another server.
	 */
	private boolean isWriteRefused() {
		return PostgresqlCanceller.isProcess(getBackendPID()) && (isOn("in_hot_standby") || isOn(Session.READ_ONLY));
	}

	private boolean isOn(String setting) {
		return "on".equals(this.executor.getParameterStatus(setting));
	}

	@Override
	public void commit() throws SQLException {
		ReentrantLock lock = this.answers.lock();
		lock.lock();
		try {
			if (!hasOnlyRead()) {
				super.commit();
				endUnbegun();
			}
			else if (this.isolation == Connection.TRANSACTION_NONE && (this.transactions.isOverlapping() || isLazy())) {
				commitAndAskForIsolation();
			}
			else if (this.isolation == Connection.TRANSACTION_SERIALIZABLE || !this.transactions.isOverlapping()) {
				super.commit();
			}
			else {
				send(() -> this.answers.sendSilently(this.commit));
				this.unread = true;
				this.executor.setTransactionState(TransactionState.IDLE);
				this.transactions.countOverlapped();
			}
		}
		finally {
			lock.unlock();
		}
	}

	@Override
	public void rollback() throws SQLException {
		ReentrantLock lock = this.answers.lock();
		lock.lock();
		try {
			super.rollback();
			endUnbegun();
		}
		finally {
			lock.unlock();
		}
	}

	private void endUnbegun() {
		if (this.unbegun) {
			this.unbegun = false;
			this.transactions.countElided();
		}
	}

	private boolean hasOnlyRead() throws SQLException {
		return this.reading && !isClosed() && !getAutoCommit() && this.answers.isEmpty()
				&& this.executor.getTransactionState() == TransactionState.OPEN
				&& this.executor.getAutoSave() == AutoSave.NEVER && Session.of(this.executor).equals(this.session);
	}

	/**
	 * Wait for the COMMIT, as the driver does, and learn along with its answer which
	 * isolation transactions have in this session.
	 */
	private void commitAndAskForIsolation() throws SQLException {
		AnswerHandler handler = new AnswerHandler();
		send(() -> {
			this.answers.send(this.isolationQuery);
			this.answers.sendSilently(this.commit);
		});
		read(handler);
		handler.warnings.forEach(this::addWarning);
		handler.handleCompletion();
		this.isolation = switch ((handler.value != null) ? handler.value : "") {
			case "read committed", "read uncommitted" -> Connection.TRANSACTION_READ_COMMITTED;
			case "repeatable read" -> Connection.TRANSACTION_REPEATABLE_READ;
			case "serializable" -> Connection.TRANSACTION_SERIALIZABLE;
			default -> Connection.TRANSACTION_NONE;
		};
	}

	/**
	 * Read the answer of the COMMIT. If that fails the connection has been closed.
	 */
	private void readAnswer() throws SQLException {
		if (this.unread) {
			AnswerHandler handler = new AnswerHandler();
			read(handler);
			this.unread = false;
			SQLException failure = handler.getException();
			if (failure != null) {
				logFailedCommit(failure);
			}
		}
	}

	private void send(Sending sending) throws SQLException {
		try {
			sending.send();
			this.answers.flush();
		}
		catch (IOException ex) {
			throw broken(ex);
		}
		catch (RuntimeException | Error ex) {
			abort();
			throw ex;
		}
	}

	private void read(ResultHandler handler) throws SQLException {
		try {
			this.answers.read(handler);
		}
		catch (IOException ex) {
			SQLException broken = broken(ex);
			SQLException failure = handler.getException();
			if (failure != null) {
				broken.addSuppressed(failure);
			}
			throw broken;
		}
		catch (RuntimeException | Error ex) {
			abort();
			throw ex;
		}
	}

	private SQLException broken(IOException ex) {
		abort();
		return new PSQLException("An I/O error occurred while sending to the backend.", PSQLState.CONNECTION_FAILURE,
				ex);
	}

	private static void logFailedCommit(SQLException ex) {
		logger.warn("The COMMIT of a transaction that has only read has failed after its thread had gone on", ex);
	}

	@Override
	public boolean areAnswersAhead() {
		return this.unread || (this.beginning && this.executor.getTransactionState() == TransactionState.IDLE);
	}

	@Override
	public void setReadOnly(boolean readOnly) throws SQLException {
		refuseInTransaction("Cannot change transaction read-only property in the middle of a transaction.");
		super.setReadOnly(readOnly);
	}

	@Override
	public void setTransactionIsolation(int level) throws SQLException {
		refuseInTransaction("Cannot change transaction isolation level in the middle of a transaction.");
		super.setTransactionIsolation(level);
		ReentrantLock lock = this.answers.lock();
		lock.lock();
		try {
			this.isolation = (level == Connection.TRANSACTION_READ_UNCOMMITTED) ? Connection.TRANSACTION_READ_COMMITTED
					: level;
		}
		finally {
			lock.unlock();
		}
	}

	/**
	 * Refuse as the driver does what is wrong in a transaction, which does not know of
	 * one that has not begun. Called by the super class while that is constructed, too.
	 */
	private void refuseInTransaction(String message) throws SQLException {
		if (this.unbegun && !isClosed()) {
			throw new PSQLException(GT.tr(message), PSQLState.ACTIVE_SQL_TRANSACTION);
		}
	}

	/**
	 * Read the answer first, so that the server does not find a connection that was
	 * reset. If another thread uses the connection, it is closed at once.
	 */
	@Override
	public void close() throws SQLException {
		if (this.unread && !isClosed()) {
			ReentrantLock lock = this.answers.lock();
			if (lock.tryLock()) {
				try {
					setNetworkTimeout(null, CLOSE_TIMEOUT_MILLIS);
					readAnswer();
				}
				catch (SQLException ex) {
					logger.debug("Answer of a COMMIT not read before its connection was closed", ex);
				}
				finally {
					lock.unlock();
				}
			}
		}
		super.close();
	}

	/**
	 * Sends statements.
	 */
	@FunctionalInterface
	private interface Sending {

		void send() throws IOException;

	}

	/**
	 * What the driver, or this connection, knows of the settings of the session and goes
	 * by before it has read the next answer. A transaction that has changed them for
	 * itself gives them back with its COMMIT.
	 */
	private record Session(boolean standardStrings, @Nullable Object timeZone, @Nullable String application,
			@Nullable String searchPath, @Nullable String readOnly) {

		static final String READ_ONLY = "default_transaction_read_only";

		static Session of(QueryExecutorBase executor) {
			return new Session(executor.getStandardConformingStrings(), executor.getTimeZone(),
					executor.getApplicationName(), executor.getParameterStatus("search_path"),
					executor.getParameterStatus(READ_ONLY));
		}

	}

	/**
	 * Takes the answers that come before that of a statement: those of a COMMIT.
	 */
	private final class CommitHandler extends ResultHandlerDelegate {

		private @Nullable SQLException failure;

		CommitHandler(ResultHandler handler) {
			super(handler);
		}

		/**
		 * The first error may be that of the COMMIT; after a second one there is no
		 * connection anymore.
		 */
		@Override
		public void handleError(SQLException error) {
			if (!ReadingConnection.this.unread) {
				super.handleError(error);
			}
			else if (this.failure == null) {
				this.failure = error;
			}
			else {
				super.handleError(this.failure);
				super.handleError(error);
			}
		}

		@Override
		public void handleWarning(SQLWarning warning) {
			if (!ReadingConnection.this.unread) {
				super.handleWarning(warning);
			}
		}

		/**
		 * Called after the answer of each statement that does not end in a transaction,
		 * if that of another one follows.
		 */
		@Override
		public void secureProgress() {
			if (!ReadingConnection.this.unread) {
				super.secureProgress();
			}
			ReadingConnection.this.unread = false;
		}

		/**
		 * Say what has become of the COMMIT. An error that no answer has followed was the
		 * last that the server has said, whatever it was about.
		 */
		void end() throws SQLException {
			if (this.failure != null) {
				if (ReadingConnection.this.unread) {
					throw this.failure;
				}
				logFailedCommit(this.failure);
			}
		}

	}

	/**
	 * Keeps a value, warnings and an error.
	 */
	private static final class AnswerHandler extends ResultHandlerBase {

		private final List<SQLWarning> warnings = new ArrayList<>();

		private @Nullable String value;

		@Override
		public void handleWarning(SQLWarning warning) {
			this.warnings.add(warning);
		}

		@Override
		public void handleResultRows(Query query, Field[] fields, List<Tuple> tuples, @Nullable ResultCursor cursor) {
			byte[] bytes = tuples.isEmpty() ? null : tuples.get(0).get(0);
			this.value = (bytes != null) ? new String(bytes, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT) : null;
		}

	}

}
