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

package org.cooperativejdbc.spring;

import java.time.Duration;

import org.cooperativejdbc.pool.PoolOverloadedException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PoolOverloadTests {

	@Test
	void refusalIsFoundAmongTheCauses() {
		PoolOverloadedException refusal = new PoolOverloadedException("refused", Duration.ofMillis(1001));
		assertThat(PoolOverload.retryAfter(refusal)).isEqualTo("2");
		assertThat(PoolOverload.retryAfter(new IllegalStateException(new RuntimeException(refusal)))).isEqualTo("2");
		assertThat(PoolOverload.retryAfter(new IllegalStateException("no refusal"))).isNull();
		assertThat(PoolOverload.retryAfter(null)).isNull();
	}

	@Test
	void causesThatFormACycleAreLookedThroughToo() {
		IllegalStateException one = new IllegalStateException("one");
		one.initCause(new IllegalStateException("other", one));
		assertThat(PoolOverload.retryAfter(one)).isNull();
	}

	@Test
	void refusalHasNoStackTraceAndWholeSeconds() {
		PoolOverloadedException refusal = new PoolOverloadedException("refused", Duration.ZERO);
		assertThat(refusal.getStackTrace()).isEmpty();
		assertThat(refusal.getRetryAfter()).isEqualTo(Duration.ofSeconds(1));
	}

}
