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
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.FastThreadLocalThread;
import reactor.core.scheduler.NonBlocking;

/**
 * A group of Netty's event loops that also carry virtual threads. They use Netty's NIO
 * transport, the only one that can wait for the channel of a JDBC connection.
 *
 * @since 0.1.0
 */
public final class NettyEventLoops extends EventLoops {

	private final EventLoopGroup group;

	private final List<NettyEventLoop> loops;

	private final AtomicInteger next = new AtomicInteger();

	/**
	 * Start event loops.
	 * @param threads how many
	 * @param stallThreshold the time after which what an event loop does not get to is
	 * left to another thread
	 * @throws IOException if the operating system provides no selector
	 */
	public NettyEventLoops(int threads, Duration stallThreshold) throws IOException {
		this(Started.of(threads), stallThreshold);
	}

	private NettyEventLoops(Started started, Duration stallThreshold) throws IOException {
		super(1, "cooperative-jdbc-carrier-", stallThreshold, started.loops());
		this.group = started.group();
		this.loops = started.loops();
		this.loops.forEach((loop) -> loop.leaveTo(carriers()));
	}

	/**
	 * Return the event loops as Netty sees them.
	 * @return the group to run servers and clients on
	 */
	public EventLoopGroup group() {
		return this.group;
	}

	@Override
	public int size() {
		return this.loops.size();
	}

	@Override
	public int threads() {
		return this.loops.size() + super.threads();
	}

	@Override
	public List<CarrierState> states() {
		List<CarrierState> states = new ArrayList<>(this.loops.stream().map(NettyEventLoop::state).toList());
		states.addAll(super.states());
		return states;
	}

	@Override
	public void measureRounds() {
		this.loops.forEach(NettyEventLoop::measureRounds);
	}

	/**
	 * A thread that the thread of an event loop makes, as in a request that Netty has
	 * received, is carried by this very loop, any other by the next one in turn.
	 */
	@Override
	CarrierScheduler scheduler() {
		Thread thread = CarriedThreads.platformThread();
		for (NettyEventLoop loop : this.loops) {
			if (loop.isThread(thread)) {
				return loop;
			}
		}
		return this.loops.get(Math.floorMod(this.next.getAndIncrement(), this.loops.size()));
	}

	@Override
	public void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
		NettyEventLoop loop = NettyEventLoop.current();
		if (loop != null && !loop.isStalled()) {
			loop.await(channel, operation, timeoutNanos);
			note();
		}
		else {
			super.await(channel, operation, timeoutNanos);
		}
	}

	@Override
	void note() {
		NettyEventLoop loop = NettyEventLoop.current();
		if (loop != null) {
			loop.note();
		}
		else {
			super.note();
		}
	}

	@Override
	public void closed(SelectableChannel channel) {
		this.loops.forEach((loop) -> loop.forget(channel));
		super.closed(channel);
	}

	@Override
	public void close() {
		this.group.shutdownGracefully(0, 5, TimeUnit.SECONDS);
		super.close();
		this.group.terminationFuture().awaitUninterruptibly(5, TimeUnit.SECONDS);
	}

	private record Started(EventLoopGroup group, List<NettyEventLoop> loops) {

		static Started of(int threads) {
			List<NettyEventLoop> loops = new ArrayList<>();
			AtomicInteger number = new AtomicInteger();
			ThreadFactory threadFactory = (task) -> new NettyLoopThread(task,
					THREAD_NAME_PREFIX + number.incrementAndGet());
			EventLoopGroup group = new MultiThreadIoEventLoopGroup(threads, threadFactory, (executor) -> {
				NettyEventLoop loop = new NettyEventLoop(executor);
				loops.add(loop);
				return loop;
			});
			return new Started(group, List.copyOf(loops));
		}

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
