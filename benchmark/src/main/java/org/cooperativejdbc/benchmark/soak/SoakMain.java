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

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.benchmark.Database.Target;
import org.cooperativejdbc.benchmark.driver.ThreadModel;
import org.cooperativejdbc.benchmark.driver.ThreadModel.Threads;
import tools.jackson.databind.json.JsonMapper;

/**
 * The process in which a thread model is used. It reads its setup, prints a line after
 * each phase, when nothing runs, and ends with the number of things that were wrong.
 */
public final class SoakMain {

	private static final int FEWEST_PHASES = 6;

	private static final long LONGEST_PHASE_SECONDS = 60;

	/**
	 * The JDK keeps one that it puts in the place of those that it is about to close.
	 */
	private static final int SOCKETS_OF_JDK = 1;

	private final Setup setup;

	private final List<SoakPool> pools = new ArrayList<>();

	private final List<String> wrong = new ArrayList<>();

	private SoakMain(Setup setup) {
		this.setup = setup;
	}

	/**
	 * Use pools.
	 * @param args none
	 */
	public static void main(String[] args) {
		System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
		try {
			Setup setup = new JsonMapper().readValue(System.in, Setup.class);
			List<String> wrong = new SoakMain(setup).run();
			wrong.forEach((what) -> System.out.println(setup.model() + ": " + what));
			System.exit(Math.min(wrong.size(), 100));
		}
		catch (Throwable ex) {
			ex.printStackTrace();
			System.exit(1);
		}
	}

	private List<String> run() throws Exception {
		Threads threads = this.setup.model().open();
		this.pools.add(new SoakPool(this.setup, this.setup.target().withTls(false), threads));
		this.pools.add(new SoakPool(this.setup, this.setup.target(), threads));
		long begin = System.nanoTime();
		long end = begin + TimeUnit.MINUTES.toNanos(this.setup.minutes());
		long phaseSeconds = Math.min(LONGEST_PHASE_SECONDS,
				TimeUnit.MINUTES.toSeconds(this.setup.minutes()) / FEWEST_PHASES);
		List<Footprint> footprints = new ArrayList<>();
		for (long next = begin; next < end && this.wrong.isEmpty();) {
			next += TimeUnit.SECONDS.toNanos(phaseSeconds);
			use(next);
			Phase phase = Phase.of(this.setup.model(), TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
					this.pools);
			System.out.println(phase);
			footprints.add(phase.footprint());
			this.wrong.addAll(phase.wrong());
		}
		this.wrong.addAll(Footprint.growth(footprints));
		close();
		return this.wrong;
	}

	private void use(long until) throws Exception {
		for (SoakPool pool : this.pools) {
			pool.start();
		}
		TimeUnit.NANOSECONDS.sleep(until - System.nanoTime());
		for (SoakPool pool : this.pools) {
			pool.stop();
		}
		for (SoakPool pool : this.pools) {
			if (!pool.awaitEnd()) {
				Path dump = Footprint.dumpThreads(this.setup.model() + "-hang-");
				this.wrong.add("threads hang, see " + dump);
			}
		}
		for (SoakPool pool : this.pools) {
			pool.awaitFull();
		}
	}

	private void close() throws Exception {
		for (SoakPool pool : this.pools) {
			pool.close();
			int left = pool.backendsLeft();
			if (left > 0) {
				this.wrong.add(left + " backends are left after the pool was closed");
			}
			System.out.println(pool);
		}
		Footprint footprint = Footprint.take();
		System.out.println(this.setup.model() + ", closed: " + footprint);
		if (footprint.sockets() > SOCKETS_OF_JDK) {
			this.wrong.add(footprint.sockets() + " sockets are open after the pools were closed");
		}
	}

	record Setup(ThreadModel model, Target target, int minutes, int connections, int threads, long seed) {

	}

}
