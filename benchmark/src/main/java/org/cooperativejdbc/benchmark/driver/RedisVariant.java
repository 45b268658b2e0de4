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

package org.cooperativejdbc.benchmark.driver;

import java.io.IOException;
import java.util.List;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Variant;
import org.cooperativejdbc.benchmark.load.LoadProcess;

/**
 * Jedis on an embedded Redis, which has neither a processor of its own nor TLS.
 *
 * @param model the threads
 * @param java what starts the client
 */
record RedisVariant(ThreadModel model, JavaCommand java) implements Variant {

	static final String PREFIX = "redis-";

	static final List<ThreadModel> MODELS = List.of(ThreadModel.PLATFORM, ThreadModel.VIRTUAL, ThreadModel.EVENT_LOOP);

	@Override
	public Contestant start(Cell cell, Database database, Options options) throws IOException {
		if (options.apart() || options.tls()) {
			throw new IOException("The server of '" + this + "' knows neither --apart nor --tls");
		}
		return LoadProcess.client(this.java, database,
				new RedisLoadSource(this.model, EmbeddedRedis.instance().port(), cell.latencyMillis()),
				cell.concurrency());
	}

	@Override
	public Variant on(JavaCommand java) {
		return new RedisVariant(this.model, java);
	}

	@Override
	public boolean onRequest() {
		return true;
	}

	@Override
	public String toString() {
		return PREFIX + this.model + this.java.name();
	}

}
