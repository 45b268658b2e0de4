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

package org.cooperativejdbc;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.socket.ParkingSocket;

/**
 * Does what is recorded, in a runtime that cannot record it.
 */
public final class FlightRecorderMain {

	private FlightRecorderMain() {
	}

	public static void main(String[] args) throws Exception {
		try (CooperativeDataSource pool = new CooperativeDataSource(Pools.config(1), new PoolSettings(QueueLimits.NONE,
				(thread) -> false, (connection) -> null, null, false, Duration.ZERO, Duration.ZERO))) {
			borrowTwice(pool);
		}
		try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				ParkingSocket client = new ParkingSocket((thread) -> false, InterruptPolicy.CANCEL,
						Duration.ofSeconds(5))) {
			client.connect(listener.getLocalSocketAddress());
			try (Socket server = listener.accept()) {
				((DriverSocket) client).cancelWith(() -> server.getOutputStream().write(7));
				try (Deadline.Scope scope = Deadline.after(Duration.ZERO).enter()) {
					client.getInputStream().read();
				}
			}
		}
		if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
			System.out.println("works without jdk.jfr");
		}
	}

	private static void borrowTwice(CooperativeDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			pool.getConnection().close();
		}
		catch (SQLException ex) {
			if (!String.valueOf(ex.getMessage()).contains("held by threads that wait")) {
				throw ex;
			}
		}
	}

}
