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

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Variant;
import org.cooperativejdbc.benchmark.load.LoadProcess;

/**
 * A client that runs on a JVM.
 *
 * @param client its name
 * @param java what starts its JVM
 */
record DriverVariant(String client, JavaCommand java) implements Variant {

	@Override
	public Contestant start(Cell cell, Database database, Options options) throws IOException {
		return LoadProcess.client(this.java, database, new DriverLoad(this.client, database.target(cell)),
				cell.concurrency());
	}

	@Override
	public Variant on(JavaCommand java) {
		return new DriverVariant(this.client, java);
	}

	@Override
	public String toString() {
		return this.client + this.java.name();
	}

}
