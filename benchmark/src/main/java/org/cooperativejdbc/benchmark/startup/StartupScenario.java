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

package org.cooperativejdbc.benchmark.startup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Scenario;
import org.cooperativejdbc.benchmark.Variant;
import org.cooperativejdbc.benchmark.http.ApplicationKind;

/**
 * The time until an application is ready and the memory it has then, without the starter
 * on its class path and with it; at the end what a thread that waits takes of the heap.
 */
public final class StartupScenario implements Scenario {

	private static final int POOL_SIZE = 32;

	@Override
	public List<Variant> variants() {
		return Stream.of(ApplicationKind.values())
			.filter(ApplicationKind::jpa)
			.filter((kind) -> !kind.onRequest())
			.<Variant>map(StartupVariant::new)
			.toList();
	}

	@Override
	public List<Cell> cells(String name, Options options) {
		return List.of(new Cell(name, "process start to ready", POOL_SIZE, 0));
	}

	@Override
	public String conclude(Database database, Options options, Path directory) throws IOException {
		return options.aotCache() ? "" : new ParkedThreads(database, directory).measure(options.rounds());
	}

	@Override
	public String reference(String variant) {
		return variant.substring(0, variant.indexOf('-')) + "-virtual";
	}

	@Override
	public String toString() {
		return "startup";
	}

}
