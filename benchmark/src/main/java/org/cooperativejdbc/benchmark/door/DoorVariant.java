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

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Executors;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;
import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Variant;
import org.cooperativejdbc.benchmark.load.LoadProcess;

/**
 * Who has the doors.
 */
enum DoorVariant implements Variant {

	/**
	 * The JDK, on virtual threads.
	 */
	VIRTUAL {
		@Override
		Doors open() {
			return new JdkDoors(Executors.newVirtualThreadPerTaskExecutor());
		}
	},

	/**
	 * The JDK, on platform threads.
	 */
	PLATFORM {
		@Override
		Doors open() {
			return new JdkDoors(Executors.newCachedThreadPool());
		}
	},

	/**
	 * Ours, on virtual threads of the JDK.
	 */
	COOPERATIVE {
		@Override
		Doors open() {
			return doors(ConcurrencyModel.VIRTUAL);
		}
	},

	/**
	 * Ours, on event loops.
	 */
	COOPERATIVE_EVENT_LOOP {
		@Override
		Doors open() {
			return doors(ConcurrencyModel.EVENT_LOOP);
		}
	};

	private static Doors doors(ConcurrencyModel model) {
		return new CooperativeDoors(Cooperative.start(CooperativeOptions.defaults().withModel(model)));
	}

	abstract Doors open();

	@Override
	public Contestant start(Cell cell, Database database, Options options) throws IOException {
		return LoadProcess.client(JavaCommand.DEFAULT, database, new DoorLoad(this, Door.of(cell.operation())),
				cell.concurrency());
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
