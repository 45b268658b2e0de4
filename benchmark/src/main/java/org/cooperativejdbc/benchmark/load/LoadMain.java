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

package org.cooperativejdbc.benchmark.load;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;
import org.cooperativejdbc.benchmark.CompilerActivity;
import org.cooperativejdbc.benchmark.ProcessStatistics;
import org.cooperativejdbc.benchmark.Sample;
import tools.jackson.databind.json.JsonMapper;

/**
 * The process that a load comes from. It reads a line with its setup and then a line for
 * each thing to do, and answers each with a line; it ends when there are no more. What it
 * measures is itself or another process.
 */
public final class LoadMain {

	private static final long RAMP_MILLIS = 300;

	private final Setup setup;

	private final Load load;

	private final ProcessHandle measured;

	private LoadMain(Setup setup) throws Exception {
		this.setup = setup;
		this.load = setup.source().open();
		this.measured = (setup.measured() != 0) ? ProcessHandle.of(setup.measured()).orElseThrow()
				: ProcessHandle.current();
	}

	/**
	 * Run the client.
	 * @param args none
	 */
	public static void main(String[] args) {
		PrintStream answers = System.out;
		System.setOut(System.err);
		JsonMapper json = new JsonMapper();
		try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
			LoadMain main = new LoadMain(json.readValue(lines.readLine(), Setup.class));
			String line;
			while ((line = lines.readLine()) != null) {
				Task task = json.readValue(line, Task.class);
				answers.println(json.writeValueAsString(main.run(task)));
			}
		}
		catch (Throwable ex) {
			ex.printStackTrace();
			System.exit(1);
		}
		System.exit(0);
	}

	private Answer run(Task task) throws Exception {
		Recording recording = new Recording();
		Load.Running running = this.load.start(this.setup.connections(), recording);
		ProcessStatistics before;
		ProcessStatistics after;
		try {
			TimeUnit.MILLISECONDS.sleep(RAMP_MILLIS);
			recording.on(true);
			before = ProcessStatistics.of(this.measured);
			if (task.warmUp()) {
				CompilerActivity.awaitQuiet(this.measured, task.seconds());
			}
			else {
				TimeUnit.SECONDS.sleep(task.seconds());
			}
			after = ProcessStatistics.of(this.measured);
			recording.on(false);
		}
		finally {
			running.stop();
		}
		Map<String, Long> failures = recording.failures();
		long errors = failures.values().stream().mapToLong(Long::longValue).sum();
		List<String> remarks = new ArrayList<>(running.remarks());
		if (!failures.isEmpty()) {
			remarks.add("failures: " + failures);
		}
		Histogram refusals = recording.refusals();
		if (refusals.getTotalCount() > 0) {
			remarks.add("refused: %d, p50 %.1f ms, p99 %.1f ms".formatted(refusals.getTotalCount(),
					refusals.getValueAtPercentile(50) / 1000.0, refusals.getValueAtPercentile(99) / 1000.0));
		}
		return new Answer(Sample.of(before, after, recording.histogram(), errors), remarks);
	}

	record Setup(LoadSource source, int connections, long measured) {

	}

	record Task(boolean warmUp, int seconds) {

	}

	record Answer(Sample sample, List<String> remarks) {

	}

}
