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

package org.cooperativejdbc.benchmark;

import java.nio.file.Path;
import java.util.List;

import org.cooperativejdbc.benchmark.borrow.BorrowScenario;
import org.cooperativejdbc.benchmark.chart.Charts;
import org.cooperativejdbc.benchmark.door.DoorScenario;
import org.cooperativejdbc.benchmark.driver.DriverScenario;
import org.cooperativejdbc.benchmark.http.HttpScenario;
import org.cooperativejdbc.benchmark.http.OverloadScenario;
import org.cooperativejdbc.benchmark.soak.Soak;
import org.cooperativejdbc.benchmark.startup.StartupScenario;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line: one command for each scenario.
 */
@Command(name = "benchmark/run", synopsisSubcommandLabel = "<scenario>",
		description = "Measures what a query costs on each way to talk to PostgreSQL from the JVM.")
public final class Benchmark {

	private Benchmark() {
	}

	/**
	 * Run the benchmark.
	 * @param args the command line
	 */
	public static void main(String[] args) {
		Path directory = Path.of(System.getProperty("benchmark.directory", "target"));
		System.exit(commandLine(directory).execute(args));
	}

	static CommandLine commandLine(Path directory) {
		CommandLine commandLine = new CommandLine(new Benchmark());
		for (Scenario scenario : List.of(new DriverScenario(), new BorrowScenario(), new DoorScenario(),
				new HttpScenario(), new OverloadScenario(), new StartupScenario())) {
			commandLine.addSubcommand(scenario.toString(), new Run(scenario, directory));
		}
		return commandLine.addSubcommand("soak", new Soak(directory)).addSubcommand("charts", new Charts(directory));
	}

}
