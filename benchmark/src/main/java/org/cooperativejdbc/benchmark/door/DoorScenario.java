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

package org.cooperativejdbc.benchmark.door;

import java.util.ArrayList;
import java.util.List;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Scenario;
import org.cooperativejdbc.benchmark.Variant;

/**
 * A thousand times a thread goes through a door and waits until it is back, with a task
 * that does nothing.
 */
public final class DoorScenario implements Scenario {

	@Override
	public List<Variant> variants() {
		return List.of(DoorVariant.values());
	}

	@Override
	public List<Cell> cells(String name, Options options) {
		List<Cell> cells = new ArrayList<>();
		for (int callers : options.concurrency(1, 16)) {
			for (Door door : Door.values()) {
				if (options.requests(door.toString())) {
					cells.add(new Cell(name + "-" + door, door.toString(), callers, 0));
				}
			}
		}
		return cells;
	}

	@Override
	public String reference(String variant) {
		return DoorVariant.VIRTUAL.toString();
	}

	@Override
	public String toString() {
		return "doors";
	}

}
