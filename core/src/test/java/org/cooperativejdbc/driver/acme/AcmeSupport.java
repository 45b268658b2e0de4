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

package org.cooperativejdbc.driver.acme;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

import org.cooperativejdbc.driver.ConnectionSource;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.Installation;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * Support of the Acme database.
 */
public class AcmeSupport implements DriverSupport {

	@Override
	public String name() {
		return "Acme";
	}

	@Override
	public boolean accepts(ConnectionSource source) {
		return source.url() != null && source.url().startsWith("jdbc:acme:");
	}

	@Override
	public Installation install(ConnectionSource source, String key, Duration cancelGrace) {
		if (source.properties().containsKey("socketFactory")) {
			return new Installation.Refused("socket factory of the user kept",
					"Remove 'socketFactory' from the properties of the data source");
		}
		return new Installation.Installed(
				Map.of("socketFactory", CooperativeSocketFactory.class.getName(), "socketFactoryArg", key));
	}

	@Override
	public @Nullable DriverSocket socket(Connection connection) throws SQLException {
		AcmeConnection acme = connection.unwrap(AcmeConnection.class);
		if (acme.socket() instanceof DriverSocket socket) {
			socket.cancelWith(acme::cancel);
			return socket;
		}
		return null;
	}

}
