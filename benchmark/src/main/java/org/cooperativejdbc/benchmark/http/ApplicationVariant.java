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

import java.io.IOException;
import java.util.List;
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
 * An application under load.
 *
 * @param kind what runs it
 * @param poolSize how many connections it has
 * @param wrk whether the load comes from wrk
 * @param java what starts its JVM
 */
record ApplicationVariant(ApplicationKind kind, int poolSize, boolean wrk, JavaCommand java) implements Variant {

	static List<Variant> all(int poolSize, boolean wrk) {
		return Stream.of(ApplicationKind.values())
			.<Variant>map((kind) -> new ApplicationVariant(kind, poolSize, wrk, JavaCommand.DEFAULT))
			.toList();
	}

	static String reference(String variant) {
		return variant.substring(0, variant.indexOf('-')) + "-virtual";
	}

	@Override
	public Contestant start(Cell cell, Database database, Options options) throws IOException {
		ApplicationProcess application = ApplicationProcess.start(this.kind, database, cell, this.poolSize, this.java,
				(jar) -> true);
		try {
			return new LoadedApplication(application, load(application, cell));
		}
		catch (IOException ex) {
			application.close();
			throw ex;
		}
	}

	private Contestant load(ApplicationProcess application, Cell cell) throws IOException {
		return this.wrk ? new Wrk(application.uri(), application.handle(), cell)
				: LoadProcess.on(application.handle(), source(application.uri().getPort(), cell), cell.concurrency());
	}

	private LoadSource source(int port, Cell cell) {
		if (!cell.operation().startsWith(OverloadScenario.BURST)) {
			return new HttpLoad(port, cell.operation());
		}
		int capacity = this.poolSize * 1000 / Math.max(1, cell.latencyMillis());
		return new Burst(port, cell.operation().substring(OverloadScenario.BURST.length()),
				OverloadScenario.BURST_FACTOR * capacity);
	}

	@Override
	public Variant on(JavaCommand java) {
		return new ApplicationVariant(this.kind, this.poolSize, this.wrk, java);
	}

	@Override
	public boolean onRequest() {
		return this.kind.onRequest();
	}

	@Override
	public String toString() {
		return this.kind + this.java.name();
	}

}
