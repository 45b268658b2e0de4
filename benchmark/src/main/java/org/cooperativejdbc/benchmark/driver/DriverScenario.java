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
import java.util.stream.Stream;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Scenario;
import org.cooperativejdbc.benchmark.Variant;

/**
 * A prepared primary-key select on each connection, one after the other.
 */
public final class DriverScenario implements Scenario {

	@Override
	public List<Variant> variants() {
		List<Variant> variants = new ArrayList<>();
		DriverLoad.clients().forEach((client) -> variants.add(new DriverVariant(client, JavaCommand.DEFAULT)));
		variants.add(new Pgbench());
		OtherServerVariant.all().forEach(variants::add);
		return variants;
	}

	@Override
	public List<Cell> cells(String name, Options options) {
		List<Cell> cells = new ArrayList<>();
		for (int latency : options.latency(0, 2)) {
			for (int concurrency : options.concurrency(1, 16, 64)) {
				cells.add(new Cell(name, "select", concurrency, latency));
			}
		}
		return cells;
	}

	@Override
	public String reference(String variant) {
		return Stream.of(OtherServerVariant.Server.values())
			.map(OtherServerVariant.Server::prefix)
			.filter(variant::startsWith)
			.findFirst()
			.orElse("") + ThreadModel.VIRTUAL;
	}

	@Override
	public String toString() {
		return "driver";
	}

}
