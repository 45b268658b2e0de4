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

package org.cooperativejdbc.benchmark.borrow;

import java.util.ArrayList;
import java.util.List;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Scenario;
import org.cooperativejdbc.benchmark.Variant;

/**
 * A thousand times a connection is borrowed and given back, and nothing is done with it:
 * by as many threads as there are connections, so that nobody waits, and by four times as
 * many.
 */
public final class BorrowScenario implements Scenario {

	static final String UNCONTENDED = "uncontended";

	private static final String CONTENDED = "contended";

	@Override
	public List<Variant> variants() {
		return List.of(BorrowVariant.values());
	}

	@Override
	public List<Cell> cells(String name, Options options) {
		List<Cell> cells = new ArrayList<>();
		for (int threads : options.concurrency(1, 16)) {
			cells.add(new Cell(name, UNCONTENDED, threads, 0));
		}
		for (int threads : options.concurrency(16)) {
			cells.add(new Cell(name, CONTENDED, threads, 0));
		}
		return cells;
	}

	@Override
	public String reference(String variant) {
		return BorrowVariant.HIKARICP.toString();
	}

	@Override
	public String toString() {
		return "borrow";
	}

}
