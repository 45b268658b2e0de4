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

package org.cooperativejdbc.benchmark.driver;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.carrier.CarrierThread;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.ParkingSocket;

/**
 * The threads that may call the database, and the sockets that fit them. There are as
 * many event loops as processors, unless the property of the starter says otherwise.
 */
public enum ThreadModel {

	/**
	 * Operating system threads and the JDK's socket.
	 */
	PLATFORM {
		@Override
		public Threads open() {
			return new Threads(Thread.ofPlatform().name(NAME, 1).factory(), Socket::new);
		}
	},

	/**
	 * Virtual threads as they are in the JDK.
	 */
	VIRTUAL {
		@Override
		public Threads open() {
			return new Threads(Thread.ofVirtual().name(NAME, 1).factory(), Socket::new);
		}
	},

	/**
	 * Virtual threads of the JDK and our parking socket.
	 */
	VIRTUAL_PARKING {
		@Override
		public Threads open() {
			return new Threads(Thread.ofVirtual().name(NAME, 1).factory(),
					() -> new ParkingSocket(CarrierThread.class::isInstance, InterruptPolicy.CANCEL,
							Duration.ofSeconds(5)));
		}
	},

	/**
	 * Virtual threads carried by event loops of our own.
	 */
	EVENT_LOOP {
		@Override
		public Threads open() throws IOException {
			return threads(EventLoops.start(CARRIERS));
		}
	},

	/**
	 * Virtual threads carried by event loops of Netty.
	 */
	NETTY_LOOP {
		@Override
		public Threads open() throws IOException {
			return threads(new NettyEventLoops(CARRIERS, EventLoops.DEFAULT_STALL_THRESHOLD));
		}
	};

	private static final String NAME = "load-";

	private static final int CARRIERS = Integer.getInteger("cooperative.jdbc.event-loop.threads",
			Runtime.getRuntime().availableProcessors());

	static ThreadModel named(String name) {
		return Stream.of(values()).filter((model) -> model.toString().equals(name)).findFirst().orElseThrow();
	}

	private static Threads threads(EventLoops loops) {
		return new Threads(loops.threadFactory(NAME), () -> new CooperativeSocket(loops,
				CarrierThread.class::isInstance, InterruptPolicy.CANCEL, Duration.ofSeconds(5)));
	}

	/**
	 * Start what the model needs.
	 * @return its threads and sockets
	 * @throws IOException if it does not start
	 */
	public abstract Threads open() throws IOException;

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	/**
	 * Threads, and sockets for them.
	 *
	 * @param factory creates threads
	 * @param sockets creates sockets
	 */
	public record Threads(ThreadFactory factory, SocketSupplier sockets) {

		/**
		 * Return whether the sockets are those that a driver uses anyway.
		 */
		boolean plainSockets() throws IOException {
			try (Socket socket = this.sockets.get()) {
				return socket.getClass() == Socket.class;
			}
		}

	}

}
