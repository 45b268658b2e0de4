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
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.LoadSource;
import org.cooperativejdbc.benchmark.load.Recording;

/**
 * Threads that go through a door and back.
 *
 * @param variant whose door it is
 * @param door the door
 */
record DoorLoad(DoorVariant variant, Door door) implements LoadSource {

	private static final int WAYS = 1000;

	@Override
	public Load open() {
		return this::start;
	}

	private Load.Running start(int callers, Recording recording) {
		Doors doors = this.variant.open();
		AtomicBoolean stopped = new AtomicBoolean();
		List<Future<?>> running = new ArrayList<>();
		for (int i = 0; i < callers; i++) {
			running.add(doors.start(() -> go(doors, recording, stopped)));
		}
		return () -> {
			stopped.set(true);
			for (Future<?> caller : running) {
				caller.get();
			}
			doors.close();
		};
	}

	private boolean go(Doors doors, Recording recording, AtomicBoolean stopped) throws Exception {
		Recording.Lane lane = recording.newLane();
		try (Door.Way way = this.door.open(doors)) {
			while (!stopped.get()) {
				for (int i = 0; i < WAYS; i++) {
					way.go();
				}
				lane.completed();
			}
		}
		return true;
	}

}
