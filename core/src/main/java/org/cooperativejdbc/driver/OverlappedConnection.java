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
import java.util.concurrent.atomic.LongAdder;
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
import org.postgresql.util.HostSpec;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * A connection that sends the COMMIT of a transaction that has only read, and does not
 * wait for its answer: it can decide nothing. The answer is read along with that of the
 * next statement, or before the connection is closed.
 * <p>
 * A transaction has only read if the driver has begun it with {@code READ ONLY}, each of
 * its statements was a single SELECT or SHOW, it runs at READ COMMITTED or REPEATABLE
 * READ, and none of its statements has failed. Any other COMMIT is that of the driver.
 * <p>
 * All statements go through the executor of the connection, which
 * {@link #getQueryExecutor()} replaces by one that looks at them. Whether answers are
 * unread is asked under the driver's own lock, so a second thread that uses the
 * connection finds what it would find otherwise.
 */
final class OverlappedConnection extends PgConnection implements AnswersAhead {

	private static final Log logger = LogFactory.getLog(OverlappedConnection.class);

	private static final List<String> READING = List.of("select", "show");

	/**
	 * Commands that change no setting of the session. COMMIT, ROLLBACK and the like undo
	 * only what other commands have set.
	 */
	private static final List<String> HARMLESS = List.of("select", "insert", "update", "delete", "merge", "with",
			"show", "begin", "commit", "rollback", "savepoint", "release");

	private static final String ISOLATION = "SHOW TRANSACTION ISOLATION LEVEL";

	/**
	 * How long closing a connection waits for the answer of a COMMIT.
	 */
	private static final int CLOSE_TIMEOUT_MILLIS = 1000;

	private final QueryExecutorBase executor;

	private final LongAdder overlapped;

	private final UnreadAnswers answers;

	private final Query commit;

	private final Query isolationQuery;

	/**
	 * Null while the super class is constructed.
	 */
	private final @Nullable QueryExecutor watched;

	private volatile boolean unread; // the answer of a COMMIT

	// The following need the lock

	private boolean beginning; // a transaction, with the latest statement

	private boolean reading; // only, since the transaction began

	private @Nullable Session session; // when the transaction began

	private boolean serializable;

	private boolean isolationKnown;

	/**
	 * Connect.
	 * @param overlapped counts the COMMITs that were not waited for
	 */
	OverlappedConnection(HostSpec[] hosts, Properties properties, String url, LongAdder overlapped)
			throws SQLException {
		super(hosts, properties, url);
		this.overlapped = overlapped;
		this.executor = (QueryExecutorBase) super.getQueryExecutor();
		this.answers = new UnreadAnswers(this.executor);
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
			look(query, (Integer) arguments[5]);
			if (!this.unread) {
				return call(method, arguments);
			}
			Object[] handled = arguments.clone();
			CommitHandler handler = new CommitHandler((ResultHandler) arguments[2]);
			handled[2] = handler;
			call(method, handled);
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
				this.reading = false;
				if (arguments != null && arguments[0] instanceof Query[] queries) {
					for (Query query : queries) {
						lookForSettings(query);
					}
				}
			}
			return call(method, arguments);
		}
		finally {
			lock.unlock();
		}
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
	 */
	private void look(Query query, int flags) {
		boolean idle = this.executor.getTransactionState() == TransactionState.IDLE;
		this.beginning = idle && (flags & QueryExecutor.QUERY_SUPPRESS_BEGIN) == 0;
		if (idle) {
			this.reading = this.beginning && (flags & QueryExecutor.QUERY_READ_ONLY_HINT) != 0;
			this.session = this.reading ? Session.of(this.executor) : null;
		}
		this.reading &= reads(query);
		lookForSettings(query);
	}

	private static boolean reads(Query query) {
		return query.getSubqueries() == null && beginsWith(query.getNativeSql(), READING);
	}

	private void lookForSettings(Query query) {
		this.isolationKnown &= query.isEmpty()
				|| (query.getSubqueries() == null && beginsWith(query.getNativeSql(), HARMLESS));
	}

	/**
	 * Return whether the first word is one of some. What the driver takes for the command
	 * is of no use here: it knows a SELECT also in the middle of others.
	 */
	private static boolean beginsWith(String sql, List<String> words) {
		int start = afterComments(sql);
		for (String word : words) {
			int end = start + word.length();
			if (sql.regionMatches(true, start, word, 0, word.length())
					&& (end == sql.length() || !Character.isJavaIdentifierPart(sql.charAt(end)))) {
				return true;
			}
		}
		return false;
	}

	private static int afterComments(String sql) {
		int position = 0;
		int depth = 0;
		while (position < sql.length()) {
			if (sql.startsWith("/*", position)) {
				depth++;
				position += 2;
			}
			else if (depth > 0 && sql.startsWith("*/", position)) {
				depth--;
				position += 2;
			}
			else if (depth == 0 && sql.startsWith("--", position)) {
				int end = sql.indexOf('\n', position);
				position = (end != -1) ? end : sql.length();
			}
			else if (depth > 0 || Character.isWhitespace(sql.charAt(position))) {
				position++;
			}
			else {
				return position;
			}
		}
		return position;
	}

	@Override
	public void commit() throws SQLException {
		ReentrantLock lock = this.answers.lock();
		lock.lock();
		try {
			if (!hasOnlyRead()) {
				super.commit();
			}
			else if (!this.isolationKnown) {
				commitAndAskForIsolation();
			}
			else if (this.serializable) {
				super.commit();
			}
			else {
				send(() -> this.answers.sendSilently(this.commit));
				this.unread = true;
				this.executor.setTransactionState(TransactionState.IDLE);
				this.overlapped.increment();
			}
		}
		finally {
			lock.unlock();
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
		this.isolationKnown = handler.value != null;
		this.serializable = "serializable".equals(handler.value);
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
	public void setTransactionIsolation(int level) throws SQLException {
		super.setTransactionIsolation(level);
		ReentrantLock lock = this.answers.lock();
		lock.lock();
		try {
			this.isolationKnown = true;
			this.serializable = level == Connection.TRANSACTION_SERIALIZABLE;
		}
		finally {
			lock.unlock();
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
	 * What the driver knows of the settings of the session, and goes by before it has
	 * read the next answer. A transaction that has changed them for itself gives them
	 * back with its COMMIT.
	 */
	private record Session(boolean standardStrings, @Nullable Object timeZone, @Nullable String application,
			@Nullable String searchPath) {

		static Session of(QueryExecutorBase executor) {
			return new Session(executor.getStandardConformingStrings(), executor.getTimeZone(),
					executor.getApplicationName(), executor.getParameterStatus("search_path"));
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
			if (!OverlappedConnection.this.unread) {
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
			if (!OverlappedConnection.this.unread) {
				super.handleWarning(warning);
			}
		}

		/**
		 * Called after the answer of each statement that does not end in a transaction,
		 * if that of another one follows.
		 */
		@Override
		public void secureProgress() {
			if (!OverlappedConnection.this.unread) {
				super.secureProgress();
			}
			OverlappedConnection.this.unread = false;
		}

		/**
		 * Say what has become of the COMMIT. An error that no answer has followed was the
		 * last that the server has said, whatever it was about.
		 */
		void end() throws SQLException {
			if (this.failure != null) {
				if (OverlappedConnection.this.unread) {
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
