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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The waits in an event loop under every schedule with few preemptions: no wake-up is
 * lost, and what is closed wakes who waits. A copy of the protocol shows that the
 * mistakes that one could make are found.
 */
@Execution(ExecutionMode.CONCURRENT)
class WaitScheduleTests {

	private static final int PREEMPTIONS = Integer.getInteger("preemptions", 2);

	private static SocketChannel channel;

	@BeforeAll
	static void openChannel() throws IOException {
		channel = SocketChannel.open();
	}

	@AfterAll
	static void closeChannel() throws IOException {
		channel.close();
	}

	@ParameterizedTest
	@EnumSource
	void noScheduleLosesAWakeUp(Scenario scenario) {
		explore(scenario.name(), scenario.preemptions(), () -> scenario.threads(new ModelLoop(scenario.selectors())));
	}

	@ParameterizedTest
	@EnumSource(names = { "READ", "CLOSE_OF_THE_LOOP", "CONTINUATIONS", "CONTINUATIONS_WITH_TWO_THREADS_OF_THE_LOOP",
			"READ_FROM_A_CHANNEL_THAT_MOVES" })
	void copyWithoutAMistakeLosesNone(Scenario scenario) {
		explore("copy, " + scenario, PREEMPTIONS, () -> scenario.threads(new Copy(null, scenario.selectors())));
	}

	@ParameterizedTest
	@EnumSource
	void mistakeIsFound(Mistake mistake) {
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> explore(mistake.name(), PREEMPTIONS,
					() -> mistake.shownBy.threads(new Copy(mistake, mistake.selectors()))))
			.withMessageContaining("waits for ever");
	}

	@Test
	void closeOfASocketEndsAReadOfItUnderEachSchedule() throws Exception {
		try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			explore("close of a socket", PREEMPTIONS, () -> closeWhileReading(server));
		}
	}

	private static List<Runnable> closeWhileReading(ServerSocket server) {
		ModelLoop loop = new ModelLoop(1);
		try {
			CooperativeSocket socket = new CooperativeSocket(new ModelStrategy(loop), (thread) -> false,
					InterruptPolicy.DEFER, Duration.ofSeconds(5));
			socket.connect(server.getLocalSocketAddress());
			Socket peer = server.accept();
			return List.of(loop::run, () -> {
				assertThatExceptionOfType(SocketException.class).isThrownBy(() -> socket.getInputStream().read())
					.withMessageMatching("Socket (is )?closed");
				loop.close();
			}, () -> unchecked(() -> {
				Schedules.pause();
				socket.close();
				peer.close();
			}));
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void explore(String name, int preemptions, Supplier<List<Runnable>> scenario) {
		System.out.println("Schedules of " + name + ": " + new Schedules(preemptions).explore(scenario));
	}

	private static void unchecked(Action action) {
		try {
			action.run();
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	@FunctionalInterface
	interface Action {

		void run() throws IOException;

	}

	/**
	 * The threads of a scenario, the first of which is the loop's.
	 */
	enum Scenario {

		/**
		 * Two answers are read one after the other, so that the interest may be left
		 * over, or be cleared, when the second wait begins.
		 */
		READ {

			@Override
			List<Runnable> threads(ModelLoop loop) {
				return List.of(loop::run, () -> {
					take(loop, SelectionKey.OP_READ, 2);
					loop.close();
				}, () -> {
					loop.becomesReady(SelectionKey.OP_READ, 1);
					loop.becomesReady(SelectionKey.OP_READ, 1);
				});
			}

		},

		/**
		 * The second answer is read by another thread.
		 */
		READ_BY_TWO_THREADS_IN_TURN {

			@Override
			List<Runnable> threads(ModelLoop loop) {
				AtomicInteger done = new AtomicInteger();
				AtomicReference<@Nullable Thread> second = new AtomicReference<>();
				return List.of(loop::run, () -> {
					take(loop, SelectionKey.OP_READ, 1);
					done.incrementAndGet();
					LockSupport.unpark(second.get());
				}, () -> {
					second.set(Thread.currentThread());
					while (done.get() == 0) {
						LockSupport.park();
					}
					take(loop, SelectionKey.OP_READ, 1);
					loop.close();
				}, () -> loop.becomesReady(SelectionKey.OP_READ, 2));
			}

		},

		/**
		 * A thread reads while another writes.
		 */
		READ_AND_WRITE {

			@Override
			List<Runnable> threads(ModelLoop loop) {
				AtomicInteger done = new AtomicInteger();
				return List.of(loop::run, () -> {
					take(loop, SelectionKey.OP_READ, 1);
					closeWhenBothAreDone(loop, done);
				}, () -> {
					take(loop, SelectionKey.OP_WRITE, 1);
					closeWhenBothAreDone(loop, done);
				}, () -> {
					loop.becomesReady(SelectionKey.OP_WRITE, 1);
					loop.becomesReady(SelectionKey.OP_READ, 1);
				});
			}

		},

		/**
		 * All are woken, as when a stalled loop lends its threads.
		 */
		READ_WHILE_ALL_ARE_WOKEN {

			@Override
			List<Runnable> threads(ModelLoop loop) {
				return List.of(loop::run, () -> {
					take(loop, SelectionKey.OP_READ, 1);
					loop.close();
				}, () -> {
					Schedules.pause();
					loop.wakeAll();
				}, () -> loop.becomesReady(SelectionKey.OP_READ, 1));
			}

		},

		/**
		 * The loop ends, and with it the wait.
		 */
		CLOSE_OF_THE_LOOP {

			@Override
			List<Runnable> threads(ModelLoop loop) {
				return List.of(loop::run, () -> {
					try {
						while (true) {
							loop.await(channel, SelectionKey.OP_READ, WaitStrategy.NO_TIMEOUT);
						}
					}
					catch (IOException ex) {
						assertThat(ex).hasMessage("Closed");
					}
				}, loop::close);
			}

		},

		/**
		 * The loop has two threads, while an answer is read.
		 */
		READ_WITH_TWO_THREADS_OF_THE_LOOP(2) {

			@Override
			List<Runnable> threads(ModelLoop loop) {
				return List.of(loop::run, loop::run, () -> {
					take(loop, SelectionKey.OP_READ, 1);
					loop.close();
				}, () -> loop.becomesReady(SelectionKey.OP_READ, 1));
			}

		},

		/**
		 * The channel moves to another selector and back between two answers.
		 */
		READ_FROM_A_CHANNEL_THAT_MOVES(2) {

			@Override
			List<Runnable> threads(ModelLoop loop) {
				return List.of(loop::run, loop::run, () -> {
					take(loop, SelectionKey.OP_READ, 2);
					loop.close();
				}, () -> {
					loop.becomesReady(SelectionKey.OP_READ, 1);
					loop.use(2);
					loop.becomesReady(SelectionKey.OP_READ, 1);
					loop.use(1);
				});
			}

		},

		/**
		 * The channel moves to another selector while one thread reads and one writes.
		 * With two preemptions that are 26 million schedules, which take seven minutes.
		 */
		READ_AND_WRITE_TO_A_CHANNEL_THAT_MOVES(2) {

			@Override
			int preemptions() {
				return PREEMPTIONS - 1;
			}

			@Override
			List<Runnable> threads(ModelLoop loop) {
				AtomicInteger done = new AtomicInteger();
				return List.of(loop::run, loop::run, () -> {
					take(loop, SelectionKey.OP_READ, 1);
					closeWhenBothAreDone(loop, done);
				}, () -> {
					take(loop, SelectionKey.OP_WRITE, 1);
					closeWhenBothAreDone(loop, done);
				}, () -> {
					loop.use(2);
					loop.becomesReady(SelectionKey.OP_WRITE, 1);
					loop.becomesReady(SelectionKey.OP_READ, 1);
				});
			}

		},

		/**
		 * The loop has two threads, which alternate between selectors; what one of them
		 * runs adds something to run, and another thread adds something.
		 */
		CONTINUATIONS_WITH_TWO_THREADS_OF_THE_LOOP(2) {

			@Override
			List<Runnable> threads(ModelLoop loop) {
				AtomicInteger done = new AtomicInteger();
				loop.use(2);
				return List.of(loop::run, loop::run,
						() -> loop.add(() -> loop.add(() -> closeWhenBothAreDone(loop, done))),
						() -> loop.add(() -> closeWhenBothAreDone(loop, done)));
			}

		},

		/**
		 * Other threads have the loop run something.
		 */
		CONTINUATIONS {

			@Override
			List<Runnable> threads(ModelLoop loop) {
				AtomicInteger done = new AtomicInteger();
				return List.of(loop::run, () -> loop.add(() -> closeWhenBothAreDone(loop, done)),
						() -> loop.add(() -> closeWhenBothAreDone(loop, done)));
			}

		};

		private final int selectors;

		Scenario() {
			this(1);
		}

		Scenario(int selectors) {
			this.selectors = selectors;
		}

		int selectors() {
			return this.selectors;
		}

		int preemptions() {
			return PREEMPTIONS;
		}

		abstract List<Runnable> threads(ModelLoop loop);

		private static void take(ModelLoop loop, int operation, int count) {
			for (int i = 0; i < count; i++) {
				while (!loop.channel.take(operation)) {
					unchecked(() -> loop.await(channel, operation, WaitStrategy.NO_TIMEOUT));
				}
			}
		}

		private static void closeWhenBothAreDone(ModelLoop loop, AtomicInteger done) {
			if (done.incrementAndGet() == 2) {
				loop.close();
			}
		}

	}

	/**
	 * What could be wrong.
	 */
	enum Mistake {

		NO_SECOND_LOOK_AFTER_THE_INTEREST_IS_CLEARED(Scenario.READ), ENTERS_AFTER_ADDING_INTEREST(Scenario.READ),
		NO_WAKE_UP_AFTER_ADDING_INTEREST(Scenario.READ), LOOKS_WHETHER_OPEN_BEFORE_ENTERING(Scenario.CLOSE_OF_THE_LOOP),
		WAKES_BEFORE_ADDING_A_CONTINUATION(Scenario.CONTINUATIONS),
		LOOKS_FOR_CONTINUATIONS_BEFORE_IT_SAYS_THAT_IT_WAITS(Scenario.CONTINUATIONS),
		WAKES_THE_FIRST_SELECTOR_WHEREVER_INTEREST_IS_ADDED(Scenario.READ_FROM_A_CHANNEL_THAT_MOVES),
		WAKES_THE_SELECTOR_TO_WHICH_THE_CHANNEL_HAS_MOVED(Scenario.READ_AND_WRITE_TO_A_CHANNEL_THAT_MOVES),
		MORE_SELECTORS_THAN_THREADS(Scenario.CONTINUATIONS_WITH_TWO_THREADS_OF_THE_LOOP);

		private final Scenario shownBy;

		Mistake(Scenario shownBy) {
			this.shownBy = shownBy;
		}

		int selectors() {
			return this.shownBy.selectors() + ((this == MORE_SELECTORS_THAN_THREADS) ? 1 : 0);
		}

	}

	/**
	 * The protocol once more, with a mistake.
	 */
	private static final class Copy extends ModelLoop {

		private final @Nullable Mistake mistake;

		private final AtomicReference<@Nullable Thread> reader = new AtomicReference<>();

		private final AtomicReference<@Nullable Thread> writer = new AtomicReference<>();

		private SelectionKey key;

		private Copy(@Nullable Mistake mistake, int selectors) {
			super(selectors);
			this.mistake = mistake;
			this.key = first().key();
		}

		@Override
		void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
			this.key = keyToWaitWith();
			AtomicReference<@Nullable Thread> waiter = (operation == SelectionKey.OP_READ) ? this.reader : this.writer;
			if (this.mistake == Mistake.LOOKS_WHETHER_OPEN_BEFORE_ENTERING) {
				ensureOpen();
				Schedules.pause();
			}
			if (this.mistake != Mistake.ENTERS_AFTER_ADDING_INTEREST) {
				waiter.set(Thread.currentThread());
			}
			try {
				SelectionKey key = this.key;
				if ((key.interestOps() & operation) == 0) {
					key.interestOpsOr(operation);
					if (this.mistake != Mistake.NO_WAKE_UP_AFTER_ADDING_INTEREST) {
						interestAdded(key);
					}
				}
				if (this.mistake == Mistake.ENTERS_AFTER_ADDING_INTEREST) {
					Schedules.pause();
					waiter.set(Thread.currentThread());
				}
				if (this.mistake != Mistake.LOOKS_WHETHER_OPEN_BEFORE_ENTERING) {
					ensureOpen();
				}
				LockSupport.park();
			}
			finally {
				waiter.set(null);
			}
		}

		@Override
		void ready(SelectionKey key) {
			int ready = key.readyOps();
			if ((ready & SelectionKey.OP_READ) != 0 && (!wake(this.reader) || key != this.key)) {
				key.interestOpsAnd(~SelectionKey.OP_READ);
				if (this.mistake != Mistake.NO_SECOND_LOOK_AFTER_THE_INTEREST_IS_CLEARED) {
					wake(this.reader);
				}
			}
			if ((ready & SelectionKey.OP_WRITE) != 0) {
				key.interestOpsAnd(~SelectionKey.OP_WRITE);
				wake(this.writer);
			}
		}

		private static boolean wake(AtomicReference<@Nullable Thread> waiter) {
			Thread thread = waiter.getAndSet(null);
			LockSupport.unpark(thread);
			return thread != null;
		}

		@Override
		void wakeAll() {
			wake(this.reader);
			wake(this.writer);
		}

		@Override
		boolean asksEarly() {
			return this.mistake == Mistake.LOOKS_FOR_CONTINUATIONS_BEFORE_IT_SAYS_THAT_IT_WAITS;
		}

		@Override
		void interestAdded(SelectionKey key) {
			SelectionKey woken = key;
			if (this.mistake == Mistake.WAKES_THE_FIRST_SELECTOR_WHEREVER_INTEREST_IS_ADDED) {
				woken = first().key();
			}
			else if (this.mistake == Mistake.WAKES_THE_SELECTOR_TO_WHICH_THE_CHANNEL_HAS_MOVED) {
				Schedules.pause();
				woken = this.key;
			}
			super.interestAdded(woken);
		}

		@Override
		void add(Runnable task) {
			if (this.mistake == Mistake.WAKES_BEFORE_ADDING_A_CONTINUATION) {
				first().wakeup();
				Schedules.pause();
			}
			super.add(task);
		}

		@Override
		void continuationAdded() {
			if (this.mistake != Mistake.WAKES_BEFORE_ADDING_A_CONTINUATION) {
				super.continuationAdded();
			}
		}

	}

	/**
	 * Waits in the loop; an attempt to connect, before the threads start, is repeated.
	 */
	private record ModelStrategy(ModelLoop loop) implements WaitStrategy {

		@Override
		public void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
			if (operation != SelectionKey.OP_CONNECT) {
				Schedules.pause();
				this.loop.await(channel, operation, timeoutNanos);
			}
		}

		@Override
		public void closed(SelectableChannel channel) {
			this.loop.forget(channel);
		}

	}

}
