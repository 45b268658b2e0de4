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

import java.net.Socket;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

import com.mysql.cj.Session;
import com.mysql.cj.jdbc.ConnectionImpl;
import org.cooperativejdbc.socket.StatementCanceller;

/**
 * Cancels the statements of a connection of MySQL Connector/J.
 *
 * @see KillQuery
 */
final class MysqlCanceller implements StatementCanceller {

	private static final String DRIVER = "com.mysql.cj.";

	private static final String CONNECTION = DRIVER + "jdbc.ConnectionImpl";

	private static final String XA_CONNECTION = DRIVER + "jdbc.MysqlXAConnection";

	static final DriverCalls CALLS = new DriverCalls(DRIVER,
			Set.of(CONNECTION + ".commit", CONNECTION + ".setAutoCommit", XA_CONNECTION
					+ ".commit", XA_CONNECTION + ".prepare"),
			Set.of(CONNECTION + ".createNewIO", DRIVER + "NativeSession.connect"),
			(frame) -> frame.getClassName().startsWith(DRIVER + "CancelQueryTaskImpl")
					|| (frame.getClassName().equals(DRIVER + "jdbc.StatementImpl")
							&& frame.getMethodName().equals("cancel")),
			List.of(CONNECTION, XA_CONNECTION), List.of(DRIVER + "jdbc.ha."));

	private final ConnectionSession<Session> session;

	private final Socket socket;

	private final SentMysqlCommits sentCommits = new SentMysqlCommits();

	MysqlCanceller(ConnectionSession<Session> session, Socket socket) {
		this.session = session;
		this.socket = socket;
	}

	@Override
	public void cancel() throws SQLException {
		Session session = this.session.connection();
		if (session == null) {
			throw new SQLException("The connection is not known yet");
		}
		boolean mariadb = session.getServerSession().getServerVersion().toString().contains("MariaDB");
		KillQuery.run(this.socket, session.getThreadId(), mariadb,
				() -> ConnectionImpl.getInstance(session.getHostInfo()));
	}

	@Override
	public void sending(byte[] bytes, int offset, int length) {
		this.sentCommits.sending(bytes, offset, length);
	}

	@Override
	public Exchange exchange() {
		Exchange exchange = CALLS.exchange();
		return (exchange == Exchange.STATEMENT && this.sentCommits.isUnderWay()) ? Exchange.COMMIT : exchange;
	}

}
