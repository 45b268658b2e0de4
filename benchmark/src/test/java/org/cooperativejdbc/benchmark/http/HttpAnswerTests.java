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

package org.cooperativejdbc.benchmark.http;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HttpAnswer}.
 */
class HttpAnswerTests {

	@Test
	void refusedIsWhatSaysWhenToComeBack() {
		assertThat(new HttpAnswer(503, "2").refused()).isTrue();
		assertThat(new HttpAnswer(503, null).refused()).isFalse();
		assertThat(new HttpAnswer(200, null).refused()).isFalse();
	}

	@Test
	void clientsComeBackWhenToldButNotAllAtOnce() {
		HttpAnswer answer = new HttpAnswer(503, "2");
		for (int i = 0; i < 100; i++) {
			assertThat(answer.retryAfterMillis()).isBetween(2001L, 3001L);
		}
	}

}
