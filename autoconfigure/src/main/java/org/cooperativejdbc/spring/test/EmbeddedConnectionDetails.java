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

package org.cooperativejdbc.spring.test;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * How an embedded server is reached. It asks for no password.
 *
 * @param server the server
 */
record EmbeddedConnectionDetails(EmbeddedPostgres server) implements JdbcConnectionDetails {

	private static final String USER = "postgres";

	private static final String DATABASE = "postgres";

	@Override
	public String getUsername() {
		return USER;
	}

	@Override
	public String getPassword() {
		return USER;
	}

	@Override
	public String getJdbcUrl() {
		return this.server.getJdbcUrl(USER, DATABASE);
	}

}
