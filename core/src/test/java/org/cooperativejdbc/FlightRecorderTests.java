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
import java.net.SocketException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.SettingDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import jdk.jfr.consumer.RecordingStream;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolOverloadedException;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.socket.ParkingSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The events of JDK Flight Recorder.
 */
@Timeout(120)
class FlightRecorderTests {

	private static final String PREFIX = "org.cooperativejdbc.";

	private static final Duration GRACE = Duration.ofMillis(300);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	@RegisterExtension
	private final Pools pools = new Pools();

	@TempDir
	@Nullable Path directory;

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void waitForTheServerIsRecorded(boolean parking) throws Exception {
		List<RecordedEvent> events = record("Wait", () -> exchange(parking, GRACE, (client, server) -> {
			CompletableFuture<Integer> answer = PoolThreads.VIRTUAL.run(() -> client.getInputStream().read());
			while (((DriverSocket) client).waitingNanos() < TimeUnit.MILLISECONDS.toNanos(30)) {
				assertThat(answer).isNotDone();
			}
			server.getOutputStream().write(7);
			assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(7);
		}));
		assertThat(events).filteredOn((event) -> event.getDuration().toMillis() >= 30)
			.singleElement()
			.satisfies((event) -> assertThat(event.getBoolean("sending")).isFalse())
			.satisfies((event) -> assertThat(event.getThread().isVirtual()).isTrue());
	}

	@ParameterizedTest
	@CsvSource({ "true, true", "true, false", "false, true", "false, false" })
	void cancellationIsRecordedWithItsCauseAndOutcome(boolean parking, boolean answered) throws Exception {
		List<RecordedEvent> events = record("Cancel",
				() -> exchange(parking, answered ? LONG_GRACE : GRACE, (client, server) -> {
					((DriverSocket) client).cancelWith(() -> {
						if (answered) {
							server.getOutputStream().write(7);
						}
					});
					try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(10)).enter()) {
						if (answered) {
							assertThat(client.getInputStream().read()).isEqualTo(7);
						}
						else {
							assertThatExceptionOfType(SocketException.class)
								.isThrownBy(() -> client.getInputStream().read());
						}
					}
				}));
		assertThat(events).singleElement()
			.satisfies((event) -> assertThat(event.getString("cause")).isEqualTo("deadline"))
			.satisfies((event) -> assertThat(event.getBoolean("answered")).isEqualTo(answered));
	}

	@Test
	void borrowIsRecordedWithTheTimeInTheQueue() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		List<RecordedEvent> events = record("Borrow", () -> {
			CompletableFuture<Boolean> waiting;
			try (Connection connection = pool.getConnection()) {
				waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
				while (pool.unserved().toMillis() < 30) {
					assertThat(waiting).isNotDone();
				}
			}
			assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
		});
		assertThat(events).hasSize(2)
			.allSatisfy((event) -> assertThat(event.getString("pool")).isEqualTo("test"))
			.allSatisfy((event) -> assertThat(event.getBoolean("served")).isTrue())
			.filteredOn((event) -> event.getDuration("queued").toMillis() >= 30)
			.singleElement()
			.satisfies((event) -> assertThat(event.getDuration()).isGreaterThan(event.getDuration("queued")));
	}

	@Test
	void refusalIsRecordedWithItsReason() throws Exception {
		CooperativeDataSource pool = this.pools.create(1, (config) -> {
		}, new QueueLimits(null, 0, null));
		List<RecordedEvent> events = record("Refused", () -> {
			try (Connection connection = pool.getConnection()) {
				assertThatExceptionOfType(PoolOverloadedException.class).isThrownBy(
						() -> PoolThreads.unwrapped(() -> PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool)).get()));
			}
		});
		assertThat(events).singleElement()
			.satisfies((event) -> assertThat(event.getString("pool")).isEqualTo("test"))
			.satisfies((event) -> assertThat(event.getString("reason")).isEqualTo("max-waiting"));
	}

	/**
	 * A carrier may be replaced in the moment before its thread is known.
	 */
	@Test
	void replacementOfACarrierIsRecorded() throws Exception {
		CompletableFuture<String> carrier = new CompletableFuture<>();
		try (RecordingStream stream = new RecordingStream();
				EventLoops loops = EventLoops.start(1, Duration.ofMillis(1))) {
			stream.enable(PREFIX + "CarrierReplaced");
			stream.onEvent(PREFIX + "CarrierReplaced", (event) -> {
				RecordedThread carried = event.getThread("carried");
				if (carried != null && String.valueOf(carried.getJavaName()).startsWith("busy-")) {
					carrier.complete(event.getString("carrier"));
				}
			});
			stream.startAsync();
			ThreadFactory threads = loops.threadFactory("busy-");
			while (!carrier.isDone()) {
				Thread busy = threads.newThread(() -> {
					long start = System.nanoTime();
					while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(50)) {
						Thread.onSpinWait();
					}
				});
				busy.start();
				busy.join();
			}
			assertThat(carrier.get(20, TimeUnit.SECONDS)).startsWith(EventLoops.THREAD_NAME_PREFIX);
		}
	}

	@Test
	void onlyWhatLastsIsRecordedUnlessTheThresholdIsChanged() throws Exception {
		record("Wait", () -> exchange(true, GRACE, (client, server) -> {
			server.getOutputStream().write(7);
			assertThat(client.getInputStream().read()).isEqualTo(7);
		}));
		List<EventType> types = FlightRecorder.getFlightRecorder()
			.getEventTypes()
			.stream()
			.filter((type) -> type.getName().startsWith(PREFIX))
			.toList();
		assertThat(types).isNotEmpty()
			.allSatisfy((type) -> assertThat(type.getCategoryNames()).containsExactly("Cooperative JDBC"));
		assertThat(types).filteredOn((type) -> type.getName().equals(PREFIX + "Wait"))
			.singleElement()
			.satisfies((type) -> assertThat(type.getSettingDescriptors())
				.filteredOn((setting) -> setting.getName().equals("threshold"))
				.extracting(SettingDescriptor::getDefaultValue)
				.containsExactly("20 ms"));
	}

	/**
	 * An image of the JDK may lack the module.
	 */
	@Test
	void everythingWorksWithoutTheModule() throws Exception {
		assertThat(java("--limit-modules", "java.sql,java.naming,java.management,java.desktop,jdk.unsupported",
				FlightRecorderMain.class.getName()))
			.contains("works without jdk.jfr");
	}

	/**
	 * Views of a recording have only those that were known when it began.
	 */
	@Test
	void allEventsAreKnownAfterTheFirstWait() throws Exception {
		assertThat(java(FirstWait.class.getName())).contains(PREFIX + "Wait", PREFIX + "Borrow", PREFIX + "Cancel",
				PREFIX + "Refused", PREFIX + "CarrierReplaced");
	}

	/**
	 * Return what a program prints in a JVM of its own.
	 */
	private static List<String> java(String... arguments) throws Exception {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
						System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
		command.addAll(List.of(arguments));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		try {
			List<String> output = process.inputReader().lines().toList();
			assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
			assertThat(process.exitValue()).as(String.join("\n", output)).isZero();
			return output;
		}
		finally {
			process.destroyForcibly();
		}
	}

	private List<RecordedEvent> record(String event, Action action) throws Exception {
		Path file = Objects.requireNonNull(this.directory).resolve(event + ".jfr");
		try (Recording recording = new Recording()) {
			recording.enable(PREFIX + event).withoutThreshold();
			recording.start();
			action.run();
			recording.stop();
			recording.dump(file);
		}
		return RecordingFile.readAllEvents(file)
			.stream()
			.filter((recorded) -> recorded.getEventType().getName().equals(PREFIX + event))
			.toList();
	}

	private static void exchange(boolean parking, Duration grace, Exchange exchange) throws Exception {
		try (EventLoops loops = EventLoops.start(1);
				ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				Socket client = parking ? new ParkingSocket((thread) -> false, InterruptPolicy.CANCEL, grace)
						: new CooperativeSocket(loops, (thread) -> false, InterruptPolicy.CANCEL, grace)) {
			client.connect(listener.getLocalSocketAddress());
			try (Socket server = listener.accept()) {
				exchange.run(client, server);
			}
		}
	}

	public static class FirstWait {

		public static void main(String[] args) {
			org.cooperativejdbc.jfr.FlightRecorder.beginWait();
			FlightRecorder.getFlightRecorder().getEventTypes().forEach((type) -> System.out.println(type.getName()));
		}

	}

	private interface Action {

		void run() throws Exception;

	}

	private interface Exchange {

		void run(Socket client, Socket server) throws Exception;

	}

}
