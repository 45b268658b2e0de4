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

package org.cooperativejdbc.benchmark;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Processors}.
 */
class ProcessorsTests {

	@Test
	void aListHasNumbersAndRanges() {
		assertThat(Processors.parse("0-2,5,8-9").numbers()).containsExactly(0, 1, 2, 5, 8, 9);
		assertThat(Processors.parse("0-2,5,8-9")).hasToString("0,1,2,5,8,9");
	}

	@Test
	void theHalvesHaveAllOfThem() {
		Processors processors = Processors.parse("0-3,7");
		assertThat(processors.firstHalf()).hasToString("0,1");
		assertThat(processors.secondHalf()).hasToString("2,3,7");
	}

	@Test
	void aMaskHasACommaAfterEach32Bits() {
		assertThat(Processors.parse("0").mask()).isEqualTo("1");
		assertThat(Processors.parse("1,4-6").mask()).isEqualTo("72");
		assertThat(Processors.parse("31").mask()).isEqualTo("80000000");
		assertThat(Processors.parse("0,32,65").mask()).isEqualTo("2,00000001,00000001");
	}

}
