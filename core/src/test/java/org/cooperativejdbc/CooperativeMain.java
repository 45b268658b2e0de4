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

import org.cooperativejdbc.carrier.CarriedThreads;

/**
 * Starts in a JVM whose package {@code java.lang} is not open, and says what happens.
 */
public final class CooperativeMain {

	private CooperativeMain() {
	}

	public static void main(String[] args) {
		CooperativeOptions options = CooperativeOptions.defaults();
		try {
			Cooperative.start(options.withModel(ConcurrencyModel.EVENT_LOOP)).close();
		}
		catch (IllegalStateException ex) {
			System.out.println(ex.getMessage());
		}
		try (Cooperative cooperative = Cooperative.start(options)) {
			System.out.println(cooperative.description().model() + " works: " + CarriedThreads.unavailableReason());
		}
	}

}
