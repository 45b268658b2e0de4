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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import org.cooperativejdbc.benchmark.Database.Target;
import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.Recording;

/**
 * The reactive client of Vert.x, on the native transport where there is one.
 */
final class VertxLoad implements Load {

	private final Vertx vertx;

	private final PgConnectOptions options;

	private volatile boolean stopped;

	VertxLoad(Target target, int loops) {
		this.vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(loops));
		this.options = new PgConnectOptions().setHost(target.host())
			.setPort(target.port())
			.setDatabase(target.database())
			.setUser(target.username())
			.setPassword(target.password())
			.addProperty("search_path", target.searchPath());
		if (target.tls()) {
			this.options.setSslMode(SslMode.REQUIRE).setSslOptions(new ClientSSLOptions().setTrustAll(true));
		}
	}

	@Override
	public Running start(int connections, Recording recording) throws Exception {
		this.stopped = false;
		List<Future<PgConnection>> opened = new ArrayList<>();
		for (int i = 0; i < connections; i++) {
			opened.add(PgConnection.connect(this.vertx, this.options));
		}
		Future.all(opened).await(1, TimeUnit.MINUTES);
		List<Future<Void>> ended = opened.stream()
			.map(Future::result)
			.map((connection) -> send(connection, recording))
			.toList();
		return () -> {
			this.stopped = true;
			Future.join(ended).await(1, TimeUnit.MINUTES);
		};
	}

	private Future<Void> send(PgConnection connection, Recording recording) {
		return connection.prepare(Query.withParameter("$1")).compose((statement) -> {
			Promise<Void> end = Promise.promise();
			send(statement.query(), recording.newLane(), end);
			return end.future();
		}).onFailure((ex) -> recording.failed(ex.toString())).eventually(connection::close);
	}

	private void send(PreparedQuery<RowSet<Row>> query, Recording.Lane lane, Promise<Void> end) {
		query.execute(Tuple.of(Query.randomId())).onComplete((rows) -> {
			Row row = rows.iterator().next();
			row.getInteger(0);
			row.getString(1);
			lane.completed();
			if (this.stopped) {
				end.complete();
			}
			else {
				send(query, lane, end);
			}
		}, end::fail);
	}

}
