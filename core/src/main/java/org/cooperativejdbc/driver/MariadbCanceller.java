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

import org.cooperativejdbc.socket.StatementCanceller;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.Connection;
import org.mariadb.jdbc.Driver;
import org.mariadb.jdbc.client.Client;
import org.mariadb.jdbc.export.HaMode;

/**
 * Cancels the statements of a connection of MariaDB Connector/J.
 *
 * @see KillQuery
 */
final class MariadbCanceller implements StatementCanceller {

	private static final String DRIVER = "org.mariadb.jdbc.";

	private static final String CONNECTION = DRIVER + "Connection";

	private static final String POOLED_CONNECTION = DRIVER + "MariaDbPoolConnection";

	private static final String XA_RESOURCE = POOLED_CONNECTION + "$MariaDbXAResource";

	private static final Set<String> KILLS = Set.of("cancelCurrentQuery", "abort");

	static final DriverCalls CALLS = new DriverCalls(DRIVER,
			Set.of(CONNECTION + ".commit", CONNECTION + ".setAutoCommit", XA_RESOURCE + ".commit",
					XA_RESOURCE + ".prepare"),
			Set.of(DRIVER + "client.impl.StandardClient.<init>"),
			(frame) -> frame.getClassName().startsWith(DRIVER) && KILLS.contains(frame.getMethodName()),
			List.of(CONNECTION, POOLED_CONNECTION), List.of());

	private final ConnectionSession<Connection> session;

	private final Socket socket;

	private final SentMysqlCommits sentCommits = new SentMysqlCommits();

	MariadbCanceller(ConnectionSession<Connection> session, Socket socket) {
		this.session = session;
		this.socket = socket;
	}

	@Override
	public void cancel() throws SQLException {
		Connection connection = this.session.connection();
		if (connection == null) {
			throw new SQLException("The connection is not known yet");
		}
		Client client = connection.getClient();
		KillQuery.run(this.socket, client.getContext().getThreadId(),
				client.getContext().getVersion().isMariaDBServer(), () -> Driver.connect(configuration(client)));
	}

	/**
	 * What the user has the driver do after a login is not done.
	 */
	private static Configuration configuration(Client client) {
		int millis = KillQuery.timeoutMillis();
		return client.getContext()
			.getConf()
			.toBuilder()
			.haMode(HaMode.NONE)
			.addresses(client.getHostAddress())
			.transactionReplay(false)
			.sessionVariables(null)
			.initSql(null)
			.autocommit(null)
			.connectTimeout(millis)
			.socketTimeout(millis)
			.build();
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
