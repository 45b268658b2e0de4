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
import java.util.stream.Stream;

import org.cooperativejdbc.benchmark.Database.Target;
import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.LoadSource;

/**
 * The query, sent by one of the clients: JDBC on each thread model, Vert.x, R2DBC. There
 * are as many event loops as processors.
 *
 * @param client the name of the client
 * @param target the server
 */
record DriverLoad(String client, Target target) implements LoadSource {

	private static final String VERTX = "vertx-pg";

	private static final String R2DBC = "r2dbc";

	static List<String> clients() {
		return Stream.concat(Stream.of(ThreadModel.values()).map(ThreadModel::toString), Stream.of(VERTX, R2DBC))
			.toList();
	}

	@Override
	public Load open() throws IOException {
		int processors = Runtime.getRuntime().availableProcessors();
		return switch (this.client) {
			case VERTX -> new VertxLoad(this.target, processors);
			case R2DBC -> new R2dbcLoad(this.target, processors);
			default -> new JdbcLoad(this.target.url(), this.target.properties(), ThreadModel.named(this.client).open());
		};
	}

}
