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
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Stands between a driver and its server, and does harm at a chosen byte of either
 * direction.
 */
public final class FaultProxy extends TcpProxy {

	private static final int SPLIT_BYTES = 64;

	private final Database database;

	private final Set<Relay> relays = ConcurrentHashMap.newKeySet();

	private final AtomicLong injected = new AtomicLong();

	private volatile Supplier<Plan> plans = () -> Plan.NONE;

	private volatile @Nullable Relay latest;

	public FaultProxy(Database database) throws IOException {
		super(Thread.ofVirtual().name("fault-proxy-", 0).factory());
		this.database = database;
	}

	@Override
	protected void serve(Socket client) throws IOException {
		Plan plan = this.plans.get();
		Relay relay = new Relay(client, connect(this.database.address()), plan);
		this.relays.add(relay);
		this.latest = relay;
		relay.run();
	}

	/**
	 * Return the URL of the database behind this proxy.
	 */
	public String url() {
		return this.database.url(address());
	}

	/**
	 * Do this to the connections that are opened from now on.
	 * @param plans supplies a plan for each of them
	 */
	public void plan(Supplier<Plan> plans) {
		this.plans = plans;
	}

	/**
	 * Return how many faults were injected.
	 */
	public long injected() {
		return this.injected.get();
	}

	/**
	 * Return how many bytes passed through the latest connection.
	 */
	public long passed(Direction direction) {
		Relay relay = this.latest;
		if (relay == null) {
			return 0;
		}
		return (direction == Direction.TO_SERVER) ? relay.toServer.get() : relay.toClient.get();
	}

	/**
	 * Return how many connections are open.
	 */
	public int connections() {
		return this.relays.size();
	}

	/**
	 * What can be done to a connection.
	 */
	public enum Kind {

		/**
		 * Close it in order, in the middle of a message.
		 */
		CUT,

		/**
		 * Reset it.
		 */
		RESET,

		/**
		 * Pass nothing on any more, and close nothing.
		 */
		STALL,

		/**
		 * Pass nothing on for a while.
		 */
		DELAY,

		/**
		 * Pass bytes on one by one.
		 */
		SPLIT,

		/**
		 * Change a byte.
		 */
		CORRUPT

	}

	/**
	 * The side a byte flows to.
	 */
	public enum Direction {

		TO_SERVER, TO_CLIENT

	}

	/**
	 * A fault.
	 *
	 * @param kind what is done
	 * @param distance after how many bytes
	 */
	public record Fault(Kind kind, long distance) {

	}

	/**
	 * The faults of a connection.
	 */
	@FunctionalInterface
	public interface Plan {

		/**
		 * No faults.
		 */
		Plan NONE = (direction) -> null;

		/**
		 * Return the next fault in a direction, or {@code null} if there is none. Called
		 * when the connection is opened and after each fault.
		 */
		@Nullable Fault next(Direction direction);

	}

	private final class Relay {

		private final Socket client;

		private final Socket upstream;

		private final Plan plan;

		private final AtomicLong toServer = new AtomicLong();

		private final AtomicLong toClient = new AtomicLong();

		private Relay(Socket client, Socket upstream, Plan plan) {
			this.client = client;
			this.upstream = upstream;
			this.plan = plan;
		}

		private void run() {
			inBackground(() -> pump(Direction.TO_SERVER, this.client, this.upstream, this.toServer));
			pump(Direction.TO_CLIENT, this.upstream, this.client, this.toClient);
		}

		private void pump(Direction direction, Socket from, Socket to, AtomicLong passed) {
			try {
				InputStream in = from.getInputStream();
				OutputStream out = to.getOutputStream();
				byte[] buffer = new byte[8192];
				Fault fault = this.plan.next(direction);
				long at = (fault != null) ? fault.distance() : Long.MAX_VALUE;
				int single = 0;
				int count;
				while ((count = in.read(buffer)) != -1) {
					int start = 0;
					while (fault != null && at < passed.get() + count - start) {
						int harmless = (int) (at - passed.get());
						out.write(buffer, start, harmless);
						start += harmless;
						passed.addAndGet(harmless);
						FaultProxy.this.injected.incrementAndGet();
						if (!inject(fault.kind(), buffer, start)) {
							in.transferTo(OutputStream.nullOutputStream());
							cut();
							return;
						}
						single = (fault.kind() == Kind.SPLIT) ? SPLIT_BYTES : single;
						fault = this.plan.next(direction);
						at = (fault != null) ? passed.get() + 1 + fault.distance() : Long.MAX_VALUE;
					}
					for (; single > 0 && start < count; single--) {
						out.write(buffer, start, 1);
						start++;
						passed.incrementAndGet();
						Thread.yield();
					}
					out.write(buffer, start, count - start);
					passed.addAndGet(count - start);
				}
				cut();
			}
			catch (IOException ex) {
				cut();
			}
		}

		/**
		 * Return whether the connection goes on.
		 */
		private boolean inject(Kind kind, byte[] buffer, int position) throws IOException {
			switch (kind) {
				case CUT -> cut();
				case RESET -> {
					this.client.setSoLinger(true, 0);
					this.upstream.setSoLinger(true, 0);
					cut();
				}
				case STALL, SPLIT -> {
				}
				case DELAY -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
				case CORRUPT -> {
					buffer[position] ^= (byte) 0xff;
				}
			}
			return kind == Kind.DELAY || kind == Kind.CORRUPT || kind == Kind.SPLIT;
		}

		private void cut() {
			close(this.client);
			close(this.upstream);
			FaultProxy.this.relays.remove(this);
		}

	}

}
