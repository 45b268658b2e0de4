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

package org.cooperativejdbc.socket;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.carrier.EventLoops;

/**
 * The sockets that are compared.
 */
enum SocketKind {

	/**
	 * The oracle.
	 */
	JDK {

		@Override
		Socket create(EventLoops loops) {
			return new Socket();
		}

	},

	PARKING {

		@Override
		Socket create(EventLoops loops) {
			return new ParkingSocket((thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5));
		}

	},

	COOPERATIVE {

		@Override
		Socket create(EventLoops loops) throws IOException {
			return new CooperativeSocket(loops, (thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5));
		}

	},

	PARKING_CLIENT {

		@Override
		Socket create(EventLoops loops) {
			return new ParkingSocket();
		}

	},

	COOPERATIVE_CLIENT {

		@Override
		Socket create(EventLoops loops) throws IOException {
			return new CooperativeSocket(loops);
		}

	};

	/**
	 * Return whether the socket is not a database driver's, so that an interrupt does to
	 * it what it does to the JDK's.
	 */
	boolean isClient() {
		return name().endsWith("CLIENT");
	}

	abstract Socket create(EventLoops loops) throws IOException;

}
