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
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The waits in a carrier under every schedule with few preemptions: no wake-up is lost,
 * and what is closed wakes who waits. Mistakes that one could make are found.
 */
class WaitScheduleTests {

	private static final int PREEMPTIONS = Integer.getInteger("preemptions", 2);

	@ParameterizedTest
	@EnumSource
	void noScheduleLosesAWakeUp(Scenario scenario) {
		explore(scenario.name(), scenario.preemptions(), () -> scenario.threads(carriers(scenario)));
	}

	private static ModelCarriers carriers(Scenario scenario) {
		try {
			return new ModelCarriers(scenario.carriers);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	@ParameterizedTest
	@EnumSource
	void mistakeIsFound(Mistake mistake) {
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> explore(mistake.name(), PREEMPTIONS, () -> mistake.shownBy.threads(mistake.carriers())))
			.withMessageContaining("waits for ever");
	}

	@Test
	void closeOfASocketEndsAReadOfItUnderEachSchedule() throws Exception {
		try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			explore("close of a socket", PREEMPTIONS, () -> closeWhileReading(server));
		}
	}

	private static List<Runnable> closeWhileReading(ServerSocket server) {
		ModelCarriers carriers = carriers(Scenario.CLOSE);
		try {
			CooperativeSocket socket = new CooperativeSocket(new ModelStrategy(carriers.first(), new ModelChannel()),
					(thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5));
			socket.connect(server.getLocalSocketAddress());
			Socket peer = server.accept();
			return List.of(() -> carriers.drive(carriers.first()), () -> {
				assertThatExceptionOfType(SocketException.class).isThrownBy(() -> socket.getInputStream().read())
					.withMessageMatching("Socket (is )?closed");
				carriers.close();
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
	 * The threads of a scenario, the first of which drives the first carrier.
	 */
	enum Scenario {

		/**
		 * Two answers are read one after the other, so that the interest may be left
		 * over, or be cleared, when the second wait begins.
		 */
		READ(1) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				ModelChannel channel = new ModelChannel();
				return List.of(() -> carriers.drive(carriers.first()), () -> {
					take(carriers, carriers.first(), channel, SelectionKey.OP_READ, 2);
					carriers.close();
				}, () -> {
					channel.becomesReady(SelectionKey.OP_READ, 1);
					channel.becomesReady(SelectionKey.OP_READ, 1);
				});
			}

		},

		/**
		 * The second answer is read by another thread, which waits elsewhere.
		 */
		READ_IN_TWO_CARRIERS_IN_TURN(2) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				ModelChannel channel = new ModelChannel();
				AtomicInteger done = new AtomicInteger();
				AtomicReference<@Nullable Thread> second = new AtomicReference<>();
				return List.of(() -> carriers.drive(carriers.first()), () -> carriers.drive(carriers.all().getLast()),
						() -> {
							take(carriers, carriers.first(), channel, SelectionKey.OP_READ, 1);
							done.incrementAndGet();
							LockSupport.unpark(second.get());
						}, () -> {
							second.set(Thread.currentThread());
							while (done.get() == 0) {
								LockSupport.park();
							}
							take(carriers, carriers.all().getLast(), channel, SelectionKey.OP_READ, 1);
							carriers.close();
						}, () -> channel.becomesReady(SelectionKey.OP_READ, 2));
			}

			@Override
			int preemptions() {
				return PREEMPTIONS - 1;
			}

		},

		/**
		 * A thread reads while another writes.
		 */
		READ_AND_WRITE(1) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				ModelChannel channel = new ModelChannel();
				AtomicInteger done = new AtomicInteger();
				return List.of(() -> carriers.drive(carriers.first()), () -> {
					take(carriers, carriers.first(), channel, SelectionKey.OP_READ, 1);
					closeWhenBothAreDone(carriers, done);
				}, () -> {
					take(carriers, carriers.first(), channel, SelectionKey.OP_WRITE, 1);
					closeWhenBothAreDone(carriers, done);
				}, () -> {
					channel.becomesReady(SelectionKey.OP_WRITE, 1);
					channel.becomesReady(SelectionKey.OP_READ, 1);
				});
			}

		},

		/**
		 * The thread that drives the carrier waits for an answer itself, as when what it
		 * carries is pinned, and another takes over.
		 */
		READ_BY_THE_DRIVER(1) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				ModelChannel channel = new ModelChannel();
				AtomicReference<@Nullable Thread> other = new AtomicReference<>();
				carriers.execute(() -> {
					LockSupport.unpark(other.getAndSet(Thread.currentThread()));
					take(carriers, carriers.first(), channel, SelectionKey.OP_READ, 1);
					carriers.close();
				});
				return List.of(() -> carriers.drive(carriers.first()), () -> {
					if (other.compareAndSet(null, Thread.currentThread())) {
						LockSupport.park();
					}
					carriers.takeOver(carriers.first());
				}, () -> channel.becomesReady(SelectionKey.OP_READ, 1));
			}

		},

		/**
		 * Another thread takes over while an answer is read.
		 */
		READ_WHILE_ANOTHER_THREAD_TAKES_OVER(1) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				return readWhile(carriers, () -> carriers.takeOver(carriers.first()));
			}

			@Override
			int preemptions() {
				return PREEMPTIONS - 1;
			}

		},

		/**
		 * Another thread wakes all who wait while an answer is read.
		 */
		READ_WHILE_ALL_ARE_WOKEN(1) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				return readWhile(carriers, () -> carriers.first().wakeAll());
			}

			@Override
			int preemptions() {
				return PREEMPTIONS - 1;
			}

		},

		/**
		 * The carriers end, and with them the wait.
		 */
		CLOSE(1) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				ModelChannel channel = new ModelChannel();
				return List.of(() -> carriers.drive(carriers.first()), () -> {
					try {
						while (true) {
							carriers.first().await(channel, SelectionKey.OP_READ, WaitStrategy.NO_TIMEOUT);
						}
					}
					catch (IOException ex) {
						assertThat(ex).hasMessage("The event loops are closed");
					}
				}, carriers::close);
			}

		},

		/**
		 * A timer is added while the carrier is about to wait.
		 */
		TIMER(1) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				return List.of(() -> carriers.drive(carriers.first()),
						() -> carriers.schedule(carriers::close, 5, TimeUnit.MILLISECONDS));
			}

		},

		/**
		 * A timer is added while another thread takes over.
		 */
		TIMER_WHILE_ANOTHER_THREAD_TAKES_OVER(1) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				return List.of(() -> carriers.drive(carriers.first()), () -> carriers.takeOver(carriers.first()),
						() -> carriers.schedule(carriers::close, 5, TimeUnit.MILLISECONDS));
			}

		},

		/**
		 * Other threads have the carrier run something.
		 */
		CONTINUATIONS(1) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				AtomicInteger done = new AtomicInteger();
				return List.of(() -> carriers.drive(carriers.first()),
						() -> carriers.execute(() -> closeWhenBothAreDone(carriers, done)),
						() -> carriers.execute(() -> closeWhenBothAreDone(carriers, done)));
			}

		},

		/**
		 * There are two carriers; what one of them runs adds something to run, and
		 * another thread adds something.
		 */
		CONTINUATIONS_OF_TWO_CARRIERS(2) {

			@Override
			List<Runnable> threads(ModelCarriers carriers) {
				AtomicInteger done = new AtomicInteger();
				return List.of(() -> carriers.drive(carriers.first()), () -> carriers.drive(carriers.all().getLast()),
						() -> carriers.execute(() -> carriers.execute(() -> closeWhenBothAreDone(carriers, done))),
						() -> carriers.execute(() -> closeWhenBothAreDone(carriers, done)));
			}

			@Override
			int preemptions() {
				return PREEMPTIONS - 1;
			}

		};

		private final int carriers;

		Scenario(int carriers) {
			this.carriers = carriers;
		}

		int preemptions() {
			return PREEMPTIONS;
		}

		abstract List<Runnable> threads(ModelCarriers carriers);

		private static void take(ModelCarriers carriers, Carrier carrier, ModelChannel channel, int operation,
				int count) {
			for (int i = 0; i < count; i++) {
				while (!channel.take(operation)) {
					unchecked(() -> carrier.await(channel, operation, WaitStrategy.NO_TIMEOUT));
				}
			}
		}

		private static List<Runnable> readWhile(ModelCarriers carriers, Runnable other) {
			ModelChannel channel = new ModelChannel();
			return List.of(() -> carriers.drive(carriers.first()), other, () -> {
				take(carriers, carriers.first(), channel, SelectionKey.OP_READ, 1);
				carriers.close();
			}, () -> channel.becomesReady(SelectionKey.OP_READ, 1));
		}

		private static void closeWhenBothAreDone(ModelCarriers carriers, AtomicInteger done) {
			if (done.incrementAndGet() == 2) {
				carriers.close();
			}
		}

	}

	/**
	 * What could be wrong.
	 */
	enum Mistake {

		WAKES_NOBODY(Scenario.READ, NobodyWoken::new),

		WAKES_NOBODY_FOR_A_CONTINUATION(Scenario.CONTINUATIONS, NobodyWoken::new),

		WAKES_NOBODY_FOR_A_TIMER(Scenario.TIMER, NobodyWoken::new),

		LOOKS_INTO_THE_QUEUE_BEFORE_IT_SAYS_THAT_IT_WAITS(Scenario.CONTINUATIONS, EarlyLook::new),

		ENDS_A_SHIFT_WHOSE_THREAD_WAITS(Scenario.READ_WHILE_ANOTHER_THREAD_TAKES_OVER, WaitOverlooked::new),

		LOSES_AN_INTEREST(Scenario.READ_AND_WRITE, InterestLost::new);

		private final Scenario shownBy;

		private final CarriersSupplier carriers;

		Mistake(Scenario shownBy, CarriersSupplier carriers) {
			this.shownBy = shownBy;
			this.carriers = carriers;
		}

		ModelCarriers carriers() {
			try {
				return this.carriers.get(this.shownBy.carriers);
			}
			catch (IOException ex) {
				throw new AssertionError(ex);
			}
		}

		private interface CarriersSupplier {

			ModelCarriers get(int count) throws IOException;

		}

	}

	private static final class NobodyWoken extends ModelCarriers {

		NobodyWoken(int count) throws IOException {
			super(count);
		}

		@Override
		Shift newShift() {
			return new ModelShift() {

				@Override
				boolean endWait() {
					return thread() == Thread.currentThread() && super.endWait();
				}

			};
		}

	}

	private static final class EarlyLook extends ModelCarriers {

		EarlyLook(int count) throws IOException {
			super(count);
		}

		@Override
		Queue<Runnable> newQueue() {
			return new ConcurrentLinkedQueue<>() {

				private volatile boolean empty;

				@Override
				public @Nullable Runnable poll() {
					Runnable continuation = super.poll();
					this.empty = continuation == null;
					Schedules.pause();
					return continuation;
				}

				@Override
				public boolean isEmpty() {
					return this.empty;
				}

			};
		}

	}

	private static final class WaitOverlooked extends ModelCarriers {

		WaitOverlooked(int count) throws IOException {
			super(count);
		}

		@Override
		Shift newShift() {
			return new ModelShift() {

				@Override
				boolean end() {
					super.endWait();
					return super.end();
				}

			};
		}

	}

	private static final class InterestLost extends ModelCarriers {

		InterestLost(int count) throws IOException {
			super(count);
		}

		@Override
		Selector openSelector() {
			return new ModelSelector(this::sleep) {

				@Override
				int changed(AtomicInteger interest, IntUnaryOperator change) {
					int previous = interest.get();
					Schedules.pause();
					interest.set(change.applyAsInt(previous));
					return previous;
				}

			};
		}

	}

	/**
	 * Waits for a channel that stands for that of the socket; an attempt to connect,
	 * before the threads start, is repeated.
	 */
	private record ModelStrategy(Carrier carrier, ModelChannel channel) implements WaitStrategy {

		@Override
		public void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
			if (operation != SelectionKey.OP_CONNECT) {
				Schedules.pause();
				this.carrier.await(this.channel, operation, timeoutNanos);
			}
		}

		@Override
		public void closed(SelectableChannel channel) {
			try {
				this.channel.close();
			}
			catch (IOException ex) {
				throw new AssertionError(ex);
			}
			this.carrier.forget(this.channel);
		}

	}

}
