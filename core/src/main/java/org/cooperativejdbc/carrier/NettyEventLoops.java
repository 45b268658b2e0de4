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

package org.cooperativejdbc.carrier;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandler;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.ThreadAwareExecutor;
import reactor.core.scheduler.NonBlocking;

/**
 * A group of Netty's event loops that also carry virtual threads. They use Netty's NIO
 * transport, the only one that can wait for the channel of a JDBC connection.
 *
 * @since 0.1.0
 */
public final class NettyEventLoops implements AutoCloseable {

	private final EventLoopGroup group;

	private final EventLoops loops;

	/**
	 * Start event loops.
	 * @param threads how many
	 * @param stallThreshold the time after which an event loop that does not come round
	 * lends its virtual threads to others
	 * @throws IOException if the operating system provides no selector
	 */
	public NettyEventLoops(int threads, Duration stallThreshold) throws IOException {
		List<NettyEventLoop> carriers = new CopyOnWriteArrayList<>();
		this.group = new MultiThreadIoEventLoopGroup(threads, threadFactory(),
				(executor) -> newHandler(executor, carriers));
		this.loops = new EventLoops(carriers, stallThreshold);
	}

	private static IoHandler newHandler(ThreadAwareExecutor executor, List<NettyEventLoop> carriers) {
		NettyEventLoop loop = new NettyEventLoop(executor);
		carriers.add(loop);
		return loop;
	}

	private static ThreadFactory threadFactory() {
		AtomicInteger number = new AtomicInteger();
		return (loop) -> new NettyLoopThread(loop, EventLoops.THREAD_NAME_PREFIX + number.incrementAndGet());
	}

	/**
	 * Return the event loops as Netty sees them.
	 * @return the group to run servers and clients on
	 */
	public EventLoopGroup group() {
		return this.group;
	}

	/**
	 * Return the event loops as carriers of virtual threads.
	 * @return the carriers, which end when this group is closed
	 */
	public EventLoops loops() {
		return this.loops;
	}

	/**
	 * End the event loops, and wait for their end up to five seconds.
	 */
	@Override
	public void close() {
		this.loops.close();
		this.group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
	}

	/**
	 * Marked for Reactor, which refuses to block such threads.
	 */
	private static final class NettyLoopThread extends FastThreadLocalThread implements NonBlocking {

		private NettyLoopThread(Runnable loop, String name) {
			super(loop, name);
			setDaemon(true);
		}

	}

}
