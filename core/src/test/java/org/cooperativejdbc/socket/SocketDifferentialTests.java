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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnJre;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The socket of the JDK, used by a platform thread, is the oracle: whatever happens, each
 * of our sockets shows the same to each kind of thread. Those of clients that are not
 * database drivers differ from those of drivers in interrupts only, which do what they do
 * to the socket of the JDK on the same kind of thread.
 */
class SocketDifferentialTests {

	private static final Map<Expectation, List<String>> expectations = new ConcurrentHashMap<>();

	private static EventLoops loops;

	private static NettyEventLoops netty;

	@BeforeAll
	static void startLoops() throws IOException {
		loops = EventLoops.start(1);
		netty = new NettyEventLoops(1, EventLoops.DEFAULT_STALL_THRESHOLD);
	}

	@AfterAll
	static void closeLoops() {
		loops.close();
		netty.close();
		expectations.clear();
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("comparisons")
	void behavesAsTheOracle(Comparison comparison) throws Exception {
		List<String> expected = expected(comparison.oracle());
		List<String> actual = play(comparison.scenario(), comparison.sockets(), comparison.threads(),
				comparison.transport());
		assertThat(actual).isEqualTo(expected);
	}

	/**
	 * The reason why our sockets differ from the JDK's. Where this fails, the JDK has
	 * changed.
	 */
	@ParameterizedTest(name = "{0}")
	@MethodSource("interruptsOfTheJdk")
	void virtualThreadThatIsInterruptedClosesTheSocketOfTheJdk(Comparison comparison) throws Exception {
		assertThat(play(comparison.scenario(), SocketKind.JDK, comparison.threads(), comparison.transport()))
			.isNotEqualTo(expected(comparison.oracle()));
	}

	/**
	 * Some JDKs refuse a thread that does not block in the kernel while it connects in
	 * other words: 21, 27 and 28 do.
	 */
	@ParameterizedTest
	@EnumSource
	void whoeverIsRefusedIsToldSo(ThreadKind threads) throws Exception {
		List<String> outcome = play(ConnectScenario.CONNECT_REFUSED, SocketKind.JDK, threads, Transport.PLAINTEXT);
		assertThat(outcome.getFirst()).isIn("connect: java.net.ConnectException: Connection refused",
				"connect: java.net.ConnectException: Connection refused (connect failed)");
	}

	/**
	 * In JDK 21 the timeout of a read counts from when no other thread reads.
	 */
	@Test
	@EnabledOnJre(JRE.JAVA_21)
	void timedReadOfJdk21WaitsForAnotherReader() {
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> play(ReadScenario.TIMED_READ_WAITS_FOR_ANOTHER_READER, SocketKind.JDK,
					ThreadKind.PLATFORM, Transport.PLAINTEXT))
			.withMessageContaining("hangs");
	}

	@ParameterizedTest
	@EnumSource
	@EnabledOnJre(JRE.JAVA_21)
	void timedReadWaitsForAnotherReaderNoLongerThanItsTimeout(ThreadKind threads) throws Exception {
		assertThat(play(ReadScenario.TIMED_READ_WAITS_FOR_ANOTHER_READER, SocketKind.COOPERATIVE, threads,
				Transport.PLAINTEXT))
			.startsWith("second: java.net.SocketTimeoutException: Read timed out", "second took: its time", "read: 97");
	}

	static Stream<Comparison> comparisons() {
		return all().filter((comparison) -> !comparison.isWithoutOracle())
			.filter((comparison) -> !comparison.scenario().scope().interrupts()
					|| comparison.sockets() != SocketKind.JDK)
			.filter((comparison) -> comparison.sockets() != SocketKind.JDK
					|| comparison.threads() != ThreadKind.PLATFORM);
	}

	static Stream<Comparison> interruptsOfTheJdk() {
		return all().filter((comparison) -> comparison.scenario().scope().interrupts())
			.filter((comparison) -> comparison.scenario() != InterruptScenario.INTERRUPT_OF_A_READER_THAT_IS_CLOSED)
			.filter((comparison) -> comparison.sockets() == SocketKind.JDK
					&& comparison.threads() != ThreadKind.PLATFORM);
	}

	private static Stream<Comparison> all() {
		List<Comparison> comparisons = new ArrayList<>();
		SocketScenario.all().forEach((scenario) -> {
			Arrays.stream(Transport.values()).filter(scenario.scope()::includes).forEach((transport) -> {
				for (SocketKind sockets : SocketKind.values()) {
					if (sockets.isClient() && !scenario.scope().interrupts()) {
						continue;
					}
					for (ThreadKind threads : ThreadKind.values()) {
						comparisons.add(new Comparison(scenario, sockets, threads, transport));
					}
				}
			});
		});
		return comparisons.stream();
	}

	private static List<String> expected(Expectation expectation) throws Exception {
		List<String> known = expectations.get(expectation);
		if (known != null) {
			return known;
		}
		List<String> outcome = play(expectation.scenario(), SocketKind.JDK, expectation.threads(),
				expectation.transport());
		expectations.put(expectation, outcome);
		return outcome;
	}

	private static List<String> play(SocketScenario scenario, SocketKind sockets, ThreadKind threads,
			Transport transport) throws Exception {
		EventLoops carriers = (threads == ThreadKind.CARRIED_BY_NETTY) ? netty : loops;
		try (ScenarioRun run = new ScenarioRun(sockets, threads, transport, carriers)) {
			return run.play(scenario);
		}
	}

	record Comparison(SocketScenario scenario, SocketKind sockets, ThreadKind threads, Transport transport) {

		Expectation oracle() {
			return new Expectation(this.scenario, oracleThreads(), this.transport);
		}

		private ThreadKind oracleThreads() {
			if (this.sockets.isClient()) {
				return (this.threads == ThreadKind.PLATFORM) ? ThreadKind.PLATFORM : ThreadKind.VIRTUAL;
			}
			if (this.scenario == ConnectScenario.CONNECT_REFUSED && this.sockets == SocketKind.COOPERATIVE) {
				return ThreadKind.VIRTUAL;
			}
			boolean asTheJdk = this.scenario == ConnectScenario.CONNECT_REFUSED
					|| this.scenario.scope() == SocketScenario.Scope.INTERRUPTS_WHILE_CONNECTING;
			return (asTheJdk && this.sockets == SocketKind.PARKING) ? this.threads : ThreadKind.PLATFORM;
		}

		/**
		 * Return whether the JDK's sockets themselves differ, or hang, which has tests of
		 * its own.
		 */
		boolean isWithoutOracle() {
			if (this.scenario == ConnectScenario.CONNECT_REFUSED) {
				return this.sockets == SocketKind.JDK;
			}
			return Runtime.version().feature() == 21
					&& this.scenario == ReadScenario.TIMED_READ_WAITS_FOR_ANOTHER_READER;
		}

		@Override
		public String toString() {
			return this.scenario + " on " + this.sockets + ", " + this.threads + " threads, " + this.transport;
		}

	}

	/**
	 * The socket of the JDK on a kind of thread.
	 */
	record Expectation(SocketScenario scenario, ThreadKind threads, Transport transport) {

	}

}
