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

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;

/**
 * Which doors a scoped value goes through. JDK 25 is the first to have them for good, and so this
 * is compiled when it is run.
 */
public class ScopedValues {

	private static final ScopedValue<String> TENANT = ScopedValue.newInstance();

	public static void main(String[] args) throws Exception {
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults());
				ExecutorService executor = cooperative.executor(1, 1)) {
			ScopedValue.where(TENANT, "acme").call(() -> {
				print("within", Cooperative.within(Duration.ofSeconds(20), TENANT::isBound));
				print("call", cooperative.call(TENANT::isBound).get());
				print("executor", executor.submit(TENANT::isBound).get());
				print("offload on a platform thread", cooperative.offload(TENANT::isBound));
				// tag::scoped[]
				String tenant = TENANT.get();
				CompletableFuture<String> answer = cooperative
					.call(() -> ScopedValue.where(TENANT, tenant).call(() -> find("customer 7")));
				// end::scoped[]
				print("found", answer.get());
				print("offload on a virtual thread", cooperative
					.call(() -> ScopedValue.where(TENANT, tenant).call(() -> cooperative.offload(TENANT::isBound)))
					.get());
				return true;
			});
		}
	}

	private static String find(String key) {
		return key + " of " + TENANT.get();
	}

	private static void print(String door, Object seen) {
		System.out.println(door + ": " + seen);
	}

}
