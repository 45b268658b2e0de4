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

import java.util.ArrayList;
import java.util.List;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Scenario;
import org.cooperativejdbc.benchmark.Variant;

/**
 * Many more requests than connections, at the same time: what becomes of those that are
 * accepted, and of the others.
 */
public final class OverloadScenario implements Scenario {

	static final int POOL_SIZE = 16;

	/**
	 * Precedes the operation of a burst.
	 */
	static final String BURST = "burst of ";

	/**
	 * How many times as many requests as the pool can serve come in a burst.
	 */
	static final int BURST_FACTOR = 20;

	@Override
	public List<Variant> variants() {
		return ApplicationVariant.all(POOL_SIZE, false)
			.stream()
			.filter((variant) -> !variant.toString().startsWith("webmvc-platform"))
			.filter((variant) -> !variant.toString().equals("webflux-r2dbc"))
			.toList();
	}

	@Override
	public List<Cell> cells(String name, Options options) {
		List<Cell> cells = new ArrayList<>();
		for (int latency : options.latency(20)) {
			for (int concurrency : options.concurrency(5000)) {
				cells.add(new Cell(name, "/lookup/{id}", concurrency, latency));
				cells.add(new Cell(name + "-burst", BURST + "/lookup/{id}", concurrency, latency));
			}
		}
		return cells;
	}

	@Override
	public int seconds() {
		return 60;
	}

	@Override
	public String reference(String variant) {
		return ApplicationVariant.reference(variant);
	}

	@Override
	public String toString() {
		return "overload";
	}

}
