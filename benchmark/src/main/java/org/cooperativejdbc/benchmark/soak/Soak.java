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

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.driver.ThreadModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/**
 * Uses each thread model for long, in a process of its own, all at the same time. It
 * fails if an answer was wrong, a failure has no cause, a place or a statement is left
 * over, or a process has grown.
 */
@Command(sortOptions = false, sortSynopsis = false, mixinStandardHelpOptions = true,
		description = "Uses pools for long, disturbs them, and checks each answer and what is left over.")
public final class Soak implements Callable<Integer> {

	private static final JsonMapper json = new JsonMapper();

	private final Path directory;

	@Option(names = "--minutes", paramLabel = "M", defaultValue = "30",
			description = "how long (default 30); up to six minutes, a phase is a sixth of that, else a minute")
	private int minutes;

	@Option(names = "--variants", split = ",", paramLabel = "a,b",
			defaultValue = "event-loop,netty-loop,virtual-parking",
			description = "only these of event-loop, netty-loop, virtual-parking")
	private List<ThreadModel> variants = new ArrayList<>();

	@Option(names = "--connections", paramLabel = "N", defaultValue = "64",
			description = "connections of each pool (default 64)")
	private int connections;

	@Option(names = "--threads", paramLabel = "N", defaultValue = "96",
			description = "threads that use each pool (default 96)")
	private int threads;

	@Option(names = "--seed", paramLabel = "N", defaultValue = "1",
			description = "what the threads do is chosen by it (default 1), but not when they do it")
	private long seed;

	@Option(names = "--url", paramLabel = "JDBC-URL",
			description = "use this server instead of an embedded one, in schemas of the benchmark's own")
	private @Nullable String url;

	/**
	 * Create the command.
	 * @param directory where files are written
	 */
	public Soak(Path directory) {
		this.directory = directory;
	}

	@Override
	public Integer call() throws IOException, InterruptedException {
		Files.createDirectories(this.directory);
		try (Database database = Database.open(this.url, true, this.directory)) {
			System.out.println(Phase.HEADER);
			Map<ThreadModel, Process> processes = new LinkedHashMap<>();
			try {
				for (ThreadModel model : this.variants) {
					processes.put(model, start(new SoakMain.Setup(model, database.target(), this.minutes,
							this.connections, this.threads, this.seed)));
				}
				boolean failed = false;
				for (Process process : processes.values()) {
					failed |= process.waitFor() != 0;
				}
				return failed ? 1 : 0;
			}
			finally {
				processes.values().forEach(Process::destroy);
			}
		}
	}

	private static Process start(SoakMain.Setup setup) throws IOException {
		Process process = new ProcessBuilder(JavaCommand.DEFAULT.of(SoakMain.class))
			.redirectOutput(ProcessBuilder.Redirect.INHERIT)
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try (BufferedWriter input = process.outputWriter()) {
			input.write(json.writeValueAsString(setup));
		}
		return process;
	}

}
