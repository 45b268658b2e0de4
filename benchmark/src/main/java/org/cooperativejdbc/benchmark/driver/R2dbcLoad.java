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

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.client.SSLMode;
import io.r2dbc.spi.Readable;
import org.cooperativejdbc.benchmark.Database.Target;
import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.Recording;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * R2DBC, on the native transport where there is one.
 */
final class R2dbcLoad implements Load {

	private final PostgresqlConnectionFactory connectionFactory;

	private volatile boolean stopped;

	R2dbcLoad(Target target, int loops) {
		this.connectionFactory = new PostgresqlConnectionFactory(PostgresqlConnectionConfiguration.builder()
			.host(target.host())
			.port(target.port())
			.database(target.database())
			.username(target.username())
			.password(target.password())
			.options(Map.of("search_path", target.searchPath()))
			.sslMode(target.tls() ? SSLMode.REQUIRE : SSLMode.DISABLE)
			.loopResources(LoopResources.create("r2dbc", 1, loops, true))
			.build());
	}

	@Override
	public Running start(int connections, Recording recording) throws Exception {
		this.stopped = false;
		List<PostgresqlConnection> opened = Objects.requireNonNull(Flux.range(0, connections)
			.flatMap((i) -> this.connectionFactory.create(), connections)
			.collectList()
			.block(Duration.ofMinutes(1)));
		Mono<Void> ended = Flux.fromIterable(opened)
			.flatMap((connection) -> send(connection, recording), connections)
			.then()
			.cache();
		ended.subscribe();
		return () -> {
			this.stopped = true;
			ended.block(Duration.ofMinutes(1));
		};
	}

	private Mono<Void> send(PostgresqlConnection connection, Recording recording) {
		Recording.Lane lane = recording.newLane();
		return Flux
			.defer(() -> connection.createStatement(Query.withParameter("$1")).bind(0, Query.randomId()).execute())
			.flatMap(R2dbcLoad::rows)
			.doOnComplete(lane::completed)
			.repeat(() -> !this.stopped)
			.then()
			.onErrorComplete((ex) -> {
				recording.failed(ex.toString());
				return true;
			})
			.then(connection.close());
	}

	private static Publisher<String> rows(PostgresqlResult result) {
		return result.map(R2dbcLoad::row);
	}

	private static String row(Readable row) {
		return row.get(0, Integer.class) + row.get(1, String.class);
	}

}
