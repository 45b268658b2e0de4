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

package org.cooperativejdbc.quarkus;

import java.util.Map;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import org.cooperativejdbc.test.TestDatabase;

/**
 * Tells the application where the server of the tests is.
 */
public class DatabaseResource implements QuarkusTestResourceLifecycleManager {

	@Override
	public Map<String, String> start() {
		TestDatabase database = TestDatabase.instance();
		return Map.of("pool.url", database.url(), "pool.username", database.username(), "pool.password",
				database.password());
	}

	@Override
	public void stop() {
	}

}
