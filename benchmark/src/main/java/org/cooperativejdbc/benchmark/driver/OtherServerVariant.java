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
import java.util.Locale;
import java.util.stream.Stream;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Variant;
import org.cooperativejdbc.benchmark.load.LoadProcess;
import org.cooperativejdbc.benchmark.load.LoadSource;

/**
 * A client of an embedded server that is not PostgreSQL. That server has neither
 * processors of its own nor TLS.
 *
 * @param server the server
 * @param model the thread model
 * @param java what starts its JVM
 */
record OtherServerVariant(Server server, ThreadModel model, JavaCommand java) implements Variant {

	private static final List<ThreadModel> MODELS = List.of(ThreadModel.PLATFORM, ThreadModel.VIRTUAL,
			ThreadModel.EVENT_LOOP);

	static Stream<OtherServerVariant> all() {
		return Stream.of(Server.values())
			.flatMap((server) -> MODELS.stream()
				.map((model) -> new OtherServerVariant(server, model, JavaCommand.DEFAULT)));
	}

	@Override
	public Contestant start(Cell cell, Database database, Options options) throws IOException {
		if (options.apart() || options.tls()) {
			throw new IOException("The server of '" + this + "' knows neither --apart nor --tls");
		}
		return LoadProcess.client(this.java, database, this.server.load(this.model, cell.latencyMillis()),
				cell.concurrency());
	}

	@Override
	public Variant on(JavaCommand java) {
		return new OtherServerVariant(this.server, this.model, java);
	}

	@Override
	public boolean onRequest() {
		return true;
	}

	@Override
	public String toString() {
		return this.server.prefix() + this.model + this.java.name();
	}

	/**
	 * The servers.
	 */
	enum Server {

		/**
		 * MariaDB, called by JDBC.
		 */
		MARIADB {
			@Override
			LoadSource load(ThreadModel model, int latencyMillis) throws IOException {
				return new MariadbLoad(model, MariadbServer.instance().url(latencyMillis));
			}
		},

		/**
		 * Redis, called by Jedis.
		 */
		REDIS {
			@Override
			LoadSource load(ThreadModel model, int latencyMillis) throws IOException {
				return new RedisLoadSource(model, EmbeddedRedis.instance().port(), latencyMillis);
			}
		};

		/**
		 * Return what the names of its variants begin with.
		 */
		String prefix() {
			return name().toLowerCase(Locale.ROOT) + "-";
		}

		abstract LoadSource load(ThreadModel model, int latencyMillis) throws IOException;

	}

}
