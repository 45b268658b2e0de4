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

package org.cooperativejdbc.benchmark.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.cooperativejdbc.benchmark.driver.ThreadModel;

/**
 * What has happened up to the end of a phase, and what there is then, while nothing runs.
 *
 * @param model the thread model
 * @param seconds since the beginning
 * @param counts what has happened, in all pools
 * @param out connections that are out, as HikariCP counts
 * @param places places that are taken, as the queue counts
 * @param backends backends of the server that run a statement
 * @param footprint what the process has
 */
record Phase(ThreadModel model, long seconds, Counts counts, int out, int places, int backends, Footprint footprint) {

	static final String HEADER = "variant         seconds  statements interrupted     late terminated"
			+ "   lost  wrong unexplained out/places backends sockets files threads virtual heap MB";

	static Phase of(ThreadModel model, long seconds, List<SoakPool> pools) throws Exception {
		Counts counts = new Counts();
		int backends = 0;
		for (SoakPool pool : pools) {
			counts.add(pool.counts());
			backends += pool.activeBackends();
		}
		return new Phase(model, seconds, counts, pools.stream().mapToInt(SoakPool::out).sum(),
				pools.stream().mapToInt(SoakPool::places).sum(), backends, Footprint.take());
	}

	List<String> wrong() {
		List<String> wrong = new ArrayList<>();
		if (this.counts.wrong.sum() > 0) {
			wrong.add("wrong answers: " + this.counts.wrong);
		}
		if (this.counts.unexplained.sum() > 0) {
			wrong.add("failures that nothing explains: " + this.counts.unexplained);
		}
		if (this.out != 0 || this.places != 0) {
			wrong.add(this.out + " connections are out and " + this.places + " places taken, but nobody has one");
		}
		if (this.backends != 0) {
			wrong.add(this.backends + " backends run a statement that nobody waits for");
		}
		return wrong;
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%-15s %7d %11d %11d %8d %10d %6d %6d %11d %10s %8d %7d %5d %7d %7d %7.1f",
				this.model, this.seconds, this.counts.statements.sum(), this.counts.interrupted.sum(),
				this.counts.late.sum(), this.counts.terminated.sum(), this.counts.lost.sum(), this.counts.wrong.sum(),
				this.counts.unexplained.sum(), this.out + "/" + this.places, this.backends, this.footprint.sockets(),
				this.footprint.files(), this.footprint.threads(), this.footprint.virtualThreads(),
				this.footprint.heapMegabytes());
	}

}
