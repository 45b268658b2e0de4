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

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import org.cooperativejdbc.benchmark.Database;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request.
 *
 * @param status its status
 * @param retryAfter the seconds after which to ask again, or {@code null}
 */
record HttpAnswer(int status, @Nullable String retryAfter) {

	private static final int SERVICE_UNAVAILABLE = 503;

	private static final long TIMEOUT_SECONDS = 10;

	static Future<HttpAnswer> request(HttpClient client, int port, String path) {
		int id = ThreadLocalRandom.current().nextInt(Database.ROWS) + 1;
		return client
			.request(new RequestOptions().setHost("127.0.0.1")
				.setPort(port)
				.setURI(path.replace("{id}", Integer.toString(id)))
				.setIdleTimeout(TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS)))
			.compose((request) -> request.send().compose(HttpAnswer::of));
	}

	private static Future<HttpAnswer> of(HttpClientResponse response) {
		return response.body()
			.map((body) -> new HttpAnswer(response.statusCode(), response.getHeader(HttpHeaders.RETRY_AFTER)));
	}

	static String failure(Throwable ex) {
		return (ex instanceof TimeoutException) ? "timeout" : ex.getClass().getSimpleName();
	}

	boolean refused() {
		return this.status == SERVICE_UNAVAILABLE && this.retryAfter != null;
	}

	/**
	 * Return how long to wait: not all clients come back at the same moment.
	 */
	long retryAfterMillis() {
		long millis = (this.retryAfter != null) ? TimeUnit.SECONDS.toMillis(Long.parseLong(this.retryAfter)) : 0;
		return millis + ThreadLocalRandom.current().nextLong(millis / 2 + 1) + 1;
	}

}
