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

package org.cooperativejdbc.libraries;

import java.util.concurrent.Callable;

import org.assertj.core.api.SoftAssertions;

/**
 * Tries whether a library waits as its row of the documentation says, on each kind of
 * carrier.
 */
final class Trial {

	private final LibraryRow row;

	Trial(LibraryRow row) {
		this.row = row;
	}

	/**
	 * Try it.
	 * @param waits makes a call that waits, anew for each carrier
	 */
	void run(Callable<? extends Wait> waits) throws Exception {
		SoftAssertions softly = new SoftAssertions();
		Effect onEventLoop = expected(this.row.onEventLoops());
		try (OneCarrier carrier = OneCarrier.eventLoop(); Wait wait = waits.call()) {
			softly.assertThat(carrier.effectOf(wait)).as("Event loop").isEqualTo(onEventLoop);
		}
		try (OneCarrier carrier = OneCarrier.jdk(); Wait wait = waits.call()) {
			softly.assertThat(carrier.effectOf(wait))
				.as("Scheduler of the JDK")
				.isEqualTo(expected(this.row.virtual()));
		}
		if (onEventLoop == Effect.HELD) {
			try (OneCarrier carrier = OneCarrier.relievedEventLoop(); Wait wait = waits.call()) {
				softly.assertThat(carrier.effectOf(wait)).as("Event loop that is relieved").isEqualTo(Effect.REPLACED);
				softly.assertThat(carrier.stalls()).as("Stalls").isPositive();
			}
			try (OneCarrier carrier = OneCarrier.eventLoop(); Wait wait = waits.call()) {
				softly.assertThat(carrier.effectOfOffloaded(wait)).as("Offloaded").isEqualTo(Effect.FREE);
			}
		}
		softly.assertAll();
	}

	private static Effect expected(String cell) {
		return switch (cell) {
			case "by itself" -> Effect.FREE;
			case "adds a carrier" -> Effect.REPLACED;
			case "blocks" -> Effect.HELD;
			default -> throw new IllegalStateException("No such effect: " + cell);
		};
	}

}
