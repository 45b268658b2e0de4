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

package org.cooperativejdbc.driver;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.SilenceProxy;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts users of the database, and ends them after the test.
 */
final class DatabaseUsers implements AfterEachCallback {

	private final List<AutoCloseable> resources = new ArrayList<>();

	/**
	 * Start a user of the database of the tests.
	 */
	DatabaseUser open(Carrier carrier, Duration grace) throws IOException {
		return open(carrier, TestDatabase.instance().url(), grace);
	}

	DatabaseUser open(Carrier carrier, String url, Duration grace) throws IOException {
		DatabaseUser user = new DatabaseUser(carrier, url, grace);
		this.resources.add(user);
		return user;
	}

	SilenceProxy proxy() throws IOException {
		SilenceProxy proxy = new SilenceProxy(TestDatabase.instance());
		this.resources.add(proxy);
		return proxy;
	}

	@Override
	public void afterEach(ExtensionContext context) throws Exception {
		for (AutoCloseable resource : this.resources.reversed()) {
			resource.close();
		}
	}

}
