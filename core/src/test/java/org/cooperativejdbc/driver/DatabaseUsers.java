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
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.SilenceProxy;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Starts users of the database, and ends them after the test.
 */
final class DatabaseUsers implements AfterEachCallback {

	private final List<AutoCloseable> resources = new CopyOnWriteArrayList<>();

	/**
	 * Return each kind of thread with each database.
	 */
	static Stream<Arguments> all() {
		return Arrays.stream(Database.values())
			.flatMap((database) -> Arrays.stream(Carrier.values()).map((carrier) -> Arguments.of(database, carrier)));
	}

	/**
	 * Return each kind of thread that an interrupt reaches, with each database.
	 */
	static Stream<Arguments> interruptible() {
		return all().filter((arguments) -> arguments.get()[1] != Carrier.PLATFORM);
	}

	/**
	 * Start a user of PostgreSQL.
	 */
	DatabaseUser open(Carrier carrier, Duration grace) throws IOException {
		return open(Database.POSTGRESQL, carrier, grace);
	}

	DatabaseUser open(Carrier carrier, String url, Duration grace) throws IOException {
		return open(Database.POSTGRESQL, carrier, url, grace);
	}

	DatabaseUser open(Database database, Carrier carrier, Duration grace) throws IOException {
		return open(database, carrier, database.url(), grace);
	}

	DatabaseUser open(Database database, Carrier carrier, String url, Duration grace) throws IOException {
		DatabaseUser user = new DatabaseUser(database, carrier, url, grace);
		this.resources.add(user);
		return user;
	}

	SilenceProxy proxy() throws IOException {
		return proxy(Database.POSTGRESQL);
	}

	SilenceProxy proxy(Database database) throws IOException {
		SilenceProxy proxy = new SilenceProxy(database);
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
