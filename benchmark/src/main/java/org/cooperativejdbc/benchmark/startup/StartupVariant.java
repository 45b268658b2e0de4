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
import java.util.function.Predicate;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.ProcessStatistics;
import org.cooperativejdbc.benchmark.Sample;
import org.cooperativejdbc.benchmark.Variant;
import org.cooperativejdbc.benchmark.http.ApplicationKind;
import org.cooperativejdbc.benchmark.http.ApplicationProcess;

/**
 * An application that is started anew in each round, which is one operation.
 *
 * @param kind the application
 */
record StartupVariant(ApplicationKind kind) implements Variant {

	@Override
	public Contestant start(Cell cell, Database database, Options options) {
		return new Starts(this.kind, cell, database, options.aotCache());
	}

	@Override
	public String toString() {
		return this.kind.toString();
	}

	private record Starts(ApplicationKind kind, Cell cell, Database database, boolean aotCache) implements Contestant {

		/**
		 * The first start reads the files that the others find in memory, and writes the
		 * AOT cache.
		 */
		@Override
		public void warmUp(int limitSeconds) throws IOException {
			start("-XX:AOTCacheOutput=").close();
		}

		private ApplicationProcess start(String cacheOption) throws IOException {
			Predicate<String> jars = this.kind.starter() ? (jar) -> true
					: (jar) -> !jar.contains("cooperative-jdbc-spring-boot");
			String[] options = this.aotCache ? new String[] { cacheOption + cacheFile() } : new String[0];
			return ApplicationProcess.start(this.kind, this.database, this.cell, this.cell.concurrency(),
					JavaCommand.DEFAULT, jars, options);
		}

		private Path cacheFile() {
			return Path.of(System.getProperty("benchmark.directory", "target"), this.kind + ".aot");
		}

		@Override
		public Sample round(int seconds) throws IOException {
			long start = System.nanoTime();
			try (ApplicationProcess application = start("-XX:AOTCache=")) {
				double millis = (System.nanoTime() - start) / 1e6;
				ProcessStatistics statistics = ProcessStatistics.of(application.handle());
				return new Sample(1000 / millis, statistics.cpu().toNanos() / 1e3, statistics.contextSwitches(), millis,
						millis, 0, statistics.rssMegabytes());
			}
		}

		@Override
		public void close() {
		}

	}

}
