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

import java.util.Arrays;
import java.util.stream.Stream;

/**
 * What can happen to a socket. Each scenario notes what it observes and must observe the
 * same on every socket.
 */
interface SocketScenario {

	Plan plan();

	default Scope scope() {
		return plan().scope();
	}

	default void play(ScenarioRun run) throws Exception {
		plan().script().play(run);
	}

	static Stream<SocketScenario> all() {
		return Stream
			.<SocketScenario[]>of(ConnectScenario.values(), ReadScenario.values(), EndOfStreamScenario.values(),
					WriteScenario.values(), CloseScenario.values(), OptionScenario.values(), InterruptScenario.values())
			.flatMap(Arrays::stream);
	}

	/**
	 * Where a scenario makes sense, and what it is compared with.
	 */
	enum Scope {

		PLAINTEXT, TLS, BOTH,

		/**
		 * On a virtual thread the JDK closes its socket when the thread is interrupted.
		 * Ours go on, as the JDK's does on a platform thread.
		 */
		INTERRUPTS,

		INTERRUPTS_IN_PLAINTEXT,

		/**
		 * The same, except that the parking socket is closed as the JDK's is: nothing is
		 * lost yet.
		 */
		INTERRUPTS_WHILE_CONNECTING;

		boolean includes(Transport transport) {
			return switch (this) {
				case BOTH, INTERRUPTS -> true;
				case TLS -> transport == Transport.TLS;
				case PLAINTEXT, INTERRUPTS_IN_PLAINTEXT, INTERRUPTS_WHILE_CONNECTING ->
					transport == Transport.PLAINTEXT;
			};
		}

		boolean interrupts() {
			return name().startsWith("INTERRUPTS");
		}

	}

	/**
	 * What a scenario does, and where.
	 */
	record Plan(Scope scope, Script script) {

	}

	@FunctionalInterface
	interface Script {

		void play(ScenarioRun run) throws Exception;

	}

}
