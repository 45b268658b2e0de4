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

package org.cooperativejdbc.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Watches who holds the connections that are borrowed from now on. It records the stack
 * of each borrow, and so is for tests. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class HoldWatch implements AutoCloseable {

	private final Map<Borrow, Borrowed> held = new ConcurrentHashMap<>();

	private final Consumer<HoldWatch> end;

	HoldWatch(Consumer<HoldWatch> end) {
		this.end = end;
	}

	void borrowed(Borrow borrow, String pool) {
		long connecting = Math.max(0, borrow.idleNanos(System.nanoTime()));
		this.held.put(borrow, new Borrowed(pool, new Throwable("Borrowed here"), connecting));
	}

	void returned(Borrow borrow) {
		this.held.remove(borrow);
	}

	/**
	 * Return the connections that were borrowed since the watch began and are not back.
	 * @return a copy, in no order
	 */
	public List<HeldConnection> held() {
		List<HeldConnection> held = new ArrayList<>();
		long now = System.nanoTime();
		this.held.forEach((borrow, borrowed) -> {
			if (!borrow.isClosed()) {
				held.add(new HeldConnection(borrowed.pool(), borrow.thread(), idle(borrow, borrowed, now),
						borrowed.stack()));
			}
		});
		return held;
	}

	private static @Nullable Duration idle(Borrow borrow, Borrowed borrowed, long now) {
		long nanos = borrow.idleNanos(now);
		return (nanos >= 0) ? Duration.ofNanos(nanos - borrowed.connectingNanos()) : null;
	}

	/**
	 * End the watch.
	 */
	@Override
	public void close() {
		this.end.accept(this);
	}

	private record Borrowed(String pool, Throwable stack, long connectingNanos) {

	}

}
