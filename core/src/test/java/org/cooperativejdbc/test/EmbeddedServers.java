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

package org.cooperativejdbc.test;

import java.io.IOException;
import java.time.Duration;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * Makes embedded PostgreSQL servers that start wherever the tests run: small systems have
 * no locale but C, a busy machine takes its time, and a port that was free when the files
 * of the server were made may be that of a client when it starts.
 */
public final class EmbeddedServers {

	private EmbeddedServers() {
	}

	public static EmbeddedPostgres.Builder builder() throws IOException {
		return EmbeddedPostgres.builder()
			.setLocaleConfig("locale", "C")
			.setPort(FreePorts.next())
			.setPGStartupWait(Duration.ofMinutes(1));
	}

}
