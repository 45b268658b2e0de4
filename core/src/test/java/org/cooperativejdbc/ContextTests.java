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

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a thread takes along through the doors.
 */
@Timeout(60)
class ContextTests {

	private static final String KEY = ContextTests.class.getName();

	private static final ThreadLocal<@Nullable String> local = new ThreadLocal<>();

	@BeforeEach
	void register() {
		ContextRegistry.getInstance().registerThreadLocalAccessor(new Accessor());
		local.set("local");
		MDC.put(KEY, "mdc");
	}

	@AfterEach
	void remove() {
		ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
		local.remove();
		MDC.remove(KEY);
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void crossesEachDoorAndIsLeftBehindThere(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = Cooperative
			.start(CooperativeOptions.defaults().withModel(model).withThreads(1).withOffloadThreads(1))) {
			ExecutorService executor = cooperative.executor(1, 10);
			Deadline deadline = Deadline.after(Duration.ofMinutes(1));
			try (Deadline.Scope scope = deadline.enter()) {
				assertThat(cooperative.call(ContextTests::seen).get(20, TimeUnit.SECONDS)).isEqualTo(here(deadline));
				assertThat(cooperative.call(() -> cooperative.offload(ContextTests::seen)).get(20, TimeUnit.SECONDS))
					.isEqualTo(here(deadline));
				assertThat(executor.submit(ContextTests::seen).get(20, TimeUnit.SECONDS)).isEqualTo(here(deadline));
				CompletableFuture<String> change = cooperative.call(() -> cooperative.offload(() -> {
					local.set("changed");
					MDC.put(KEY, "changed");
					return "changed";
				}));
				assertThat(change.get(20, TimeUnit.SECONDS)).isEqualTo("changed");
			}
			assertThat(seen()).isEqualTo("local mdc null");
			remove();
			assertThat(cooperative.call(ContextTests::seen).get(20, TimeUnit.SECONDS)).isEqualTo("null null null");
			assertThat(cooperative.call(() -> cooperative.offload(ContextTests::seen)).get(20, TimeUnit.SECONDS))
				.isEqualTo("null null null");
			assertThat(executor.submit(ContextTests::seen).get(20, TimeUnit.SECONDS)).isEqualTo("null null null");
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void partThatFailsIsLeftOut(ConcurrencyModel model) throws Exception {
		ContextRegistry.getInstance().registerThreadLocalAccessor(new Accessor() {

			@Override
			public void setValue(String value) {
				throw new IllegalStateException("broken");
			}

		});
		try (Cooperative cooperative = Cooperative
			.start(CooperativeOptions.defaults().withModel(model).withThreads(1))) {
			assertThat(cooperative.call(ContextTests::seen).get(20, TimeUnit.SECONDS)).isEqualTo("null mdc null");
		}
	}

	private static String here(Deadline deadline) {
		return String.join(" ", List.of("local", "mdc", deadline.toString()));
	}

	private static String seen() {
		return local.get() + " " + MDC.get(KEY) + " " + Deadline.current();
	}

	private static class Accessor implements ThreadLocalAccessor<String> {

		@Override
		public Object key() {
			return KEY;
		}

		@Override
		public @Nullable String getValue() {
			return local.get();
		}

		@Override
		public void setValue(String value) {
			local.set(value);
		}

		@Override
		public void setValue() {
			local.remove();
		}

	}

}
