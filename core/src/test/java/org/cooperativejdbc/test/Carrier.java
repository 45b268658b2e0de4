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

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.ParkingSocket;

/**
 * What carries the threads that wait.
 */
public enum Carrier {

	PLATFORM {

		@Override
		public Carried open(InterruptPolicy policy, Duration grace) {
			return new Carried(Thread.ofPlatform().daemon().name("user-", 0).factory(),
					() -> new ParkingSocket((thread) -> false, policy, grace), () -> {
					});
		}

	},

	JDK {

		@Override
		public Carried open(InterruptPolicy policy, Duration grace) {
			return new Carried(Thread.ofVirtual().name("user-", 0).factory(),
					() -> new ParkingSocket((thread) -> false, policy, grace), () -> {
					});
		}

	},

	EVENT_LOOP {

		@Override
		public Carried open(InterruptPolicy policy, Duration grace) throws IOException {
			EventLoops loops = EventLoops.start(2);
			return new Carried(loops.threadFactory("user-"),
					() -> new CooperativeSocket(loops, (thread) -> false, policy, grace), loops);
		}

	},

	NETTY {

		@Override
		public Carried open(InterruptPolicy policy, Duration grace) throws IOException {
			NettyEventLoops loops = new NettyEventLoops(2, EventLoops.DEFAULT_STALL_THRESHOLD);
			return new Carried(loops.threadFactory("user-"),
					() -> new CooperativeSocket(loops, (thread) -> false, policy, grace), loops);
		}

	};

	public abstract Carried open(InterruptPolicy policy, Duration grace) throws IOException;

	/**
	 * Threads and their sockets.
	 *
	 * @param threads makes threads
	 * @param sockets makes sockets
	 * @param resource what carries the threads
	 */
	public record Carried(ThreadFactory threads, SocketSupplier sockets, AutoCloseable resource) {

	}

}
