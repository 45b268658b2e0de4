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

package org.cooperativejdbc.pool;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CallSite}.
 */
class CallSiteTests {

	@Test
	void bothPlacesOfANestedCallAreNamed() {
		assertThat(CallSite.nested(frames("com.zaxxer.hikari.HikariDataSource#getConnection", "com.example.Audit#write",
				"org.springframework.transaction.interceptor.TransactionInterceptor#invoke", "com.example.Audit#write",
				"com.example.Shop#order")))
			.isEqualTo("com.example.Audit#write, called from com.example.Shop#order");
		assertThat(CallSite.nested(frames("java.lang.Thread#run"))).isEqualTo("unknown code");
	}

	@Test
	void topmostMethodOfTheApplicationIsThePlace() {
		assertThat(idle("java.lang.Thread#sleep", "jdk.internal.net.http.HttpClientImpl#send",
				"org.springframework.web.client.RestClient#get", "com.example.Prices#fetch", "com.example.Shop#order"))
			.isEqualTo("com.example.Prices#fetch");
	}

	@Test
	void proxiesAreNoPlaces() {
		assertThat(idle("com.example.Shop$$SpringCGLIB$$0#order", "jdk.proxy2.$Proxy7#find", "com.example.Shop#order"))
			.isEqualTo("com.example.Shop#order");
	}

	@Test
	void withoutTheApplicationTheTopmostMethodIsThePlace() {
		assertThat(idle("java.lang.Thread#sleep", "java.lang.Thread#run")).isEqualTo("java.lang.Thread#sleep");
		assertThat(idle()).isNull();
	}

	@Test
	void threadIsStillInTheMethodThatHasGoneOn() {
		assertThat(isStillIn("com.example.Shop#order#10", "com.example.Shop#order#11")).isTrue();
		assertThat(isStillIn("org.springframework.transaction.interceptor.TransactionAspectSupport#invoke#371",
				"org.springframework.transaction.interceptor.TransactionAspectSupport#invoke#380"))
			.isTrue();
	}

	@Test
	void threadThatDoesAnotherTaskIsInNone() {
		assertThat(isStillIn("com.example.Shop#order#10", "com.example.Shop#cancel#30")).isFalse();
		assertThat(isStillIn("com.example.Shop#order#10", "com.example.Shop#order#10")).isFalse();
		assertThat(isStillIn("com.example.Shop#invokeSuspend#10", "com.example.Shop#invokeSuspend#11")).isFalse();
		assertThat(isStillIn("kotlinx.coroutines.DispatchedTask#run#98", "kotlinx.coroutines.DispatchedTask#run#104"))
			.isFalse();
	}

	private static boolean isStillIn(String earlier, String now) {
		return CallSite.isStillIn(
				frames("com.zaxxer.hikari.HikariDataSource#getConnection", earlier, "java.lang.Thread#run#1474"),
				frames("com.zaxxer.hikari.HikariDataSource#getConnection", "com.example.Audit#write#7", now,
						"java.lang.Thread#run#1474"));
	}

	private static @Nullable String idle(String... frames) {
		return CallSite.of(frames(frames));
	}

	private static StackTraceElement[] frames(String... frames) {
		return Arrays.stream(frames)
			.map((frame) -> frame.split("#"))
			.map((frame) -> new StackTraceElement(frame[0], frame[1], null,
					(frame.length > 2) ? Integer.parseInt(frame[2]) : -1))
			.toArray(StackTraceElement[]::new);
	}

}
