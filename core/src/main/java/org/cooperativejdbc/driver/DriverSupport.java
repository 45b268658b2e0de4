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
import java.sql.SQLException;
import java.time.Duration;
import java.util.ServiceLoader;

import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.socket.StatementCanceller;
import org.jspecify.annotations.Nullable;

/**
 * Makes the connections of a database driver wait cooperatively: it says how sockets are
 * installed in the driver, and how a statement is canceled. Found by the
 * {@link ServiceLoader} and, in a Spring application, as beans, which come first.
 * <p>
 * An implementation is asked about every pool, even if its driver is absent. Until it has
 * {@link #accepts accepted} a pool, it must not use a class of the driver. If it throws
 * an exception, the pool is left as it is. May be used by any thread.
 *
 * @since 0.1.0
 */
public interface DriverSupport {

	/**
	 * Return the name of the database.
	 * @return the name, as it is logged
	 */
	String name();

	/**
	 * Return whether the connections of a pool are made by this driver.
	 * @param source where the pool gets its connections from
	 * @return whether this driver makes them
	 */
	boolean accepts(ConnectionSource source);

	/**
	 * Say how sockets are installed in a pool. Called at most once for each pool, before
	 * it starts.
	 * @param source where the pool gets its connections from, which this driver accepts
	 * @param key the key with which a {@link CooperativeSocketFactory} makes the sockets
	 * @param cancelGrace how long the answer of a canceled statement is waited for
	 * @return what to set, or why nothing is set
	 */
	Installation install(ConnectionSource source, String key, Duration cancelGrace);

	/**
	 * Say how a pool in which sockets have been installed saves round trips of read-only
	 * transactions. Called at most once for each pool, before it starts, and only if this
	 * is enabled.
	 * @param source where the pool gets its connections from, which this driver accepts
	 * @param key the key of the {@link ReadOnlyTransactions} that says how
	 * @return the connection properties to set, or why none can be saved
	 */
	default Installation saveRoundTrips(ConnectionSource source, String key) {
		return new Installation.Refused("read-only transactions unchanged, as " + name() + " has no other way",
				"Remove 'cooperative.jdbc.read-only.begin' and 'cooperative.jdbc.read-only.commit'");
	}

	/**
	 * Return sockets that have a {@link StatementCanceller} from the start, so that they
	 * know how a statement is canceled, or what a thread waits for.
	 * @param sockets supplies sockets
	 * @return supplies the same sockets
	 */
	default SocketSupplier sockets(SocketSupplier sockets) {
		return sockets;
	}

	/**
	 * Return the socket of a connection. Called whenever a thread gets a connection from
	 * its pool. This is the place to tell the socket how a statement is canceled.
	 * @param connection the connection, or a proxy of it
	 * @return the socket, or {@code null} if it is unknown
	 * @throws SQLException if it is unknown
	 */
	default @Nullable DriverSocket socket(Connection connection) throws SQLException {
		return null;
	}

	/**
	 * Return the version of the driver.
	 * @return the version, or {@code null} if it is unknown or the driver is absent
	 */
	default @Nullable String version() {
		return null;
	}

}
