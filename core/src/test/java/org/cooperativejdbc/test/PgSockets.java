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

package org.cooperativejdbc.test;

import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;

import org.postgresql.core.PGStream;
import org.postgresql.jdbc.PgConnection;

import org.springframework.test.util.ReflectionTestUtils;

/**
 * Looks at the socket under a connection.
 */
public final class PgSockets {

	private PgSockets() {
	}

	public static Socket of(Connection connection) throws SQLException {
		Object executor = connection.unwrap(PgConnection.class).getQueryExecutor();
		PGStream stream = (PGStream) ReflectionTestUtils.getField(executor, "pgStream");
		if (stream == null) {
			throw new IllegalStateException("No stream");
		}
		return stream.getSocket();
	}

}
