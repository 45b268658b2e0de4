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
import java.util.stream.Stream;

import org.cooperativejdbc.benchmark.door.DoorScenario;
import org.cooperativejdbc.benchmark.driver.DriverScenario;
import org.cooperativejdbc.benchmark.http.HttpScenario;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for the command line.
 */
class BenchmarkTests {

	@Test
	void thereIsACommandForEachScenario() {
		assertThat(Benchmark.commandLine(Path.of("target")).getSubcommands()).containsOnlyKeys("driver", "borrow",
				"doors", "http", "overload", "startup", "soak", "charts");
	}

	@Test
	void optionsNarrowWhatIsMeasured() {
		Options options = parse("--variants", "virtual,pgbench", "--concurrency", "32", "--latency", "2", "--rounds",
				"3", "--starts", "2", "--seconds", "1", "--url", "jdbc:postgresql://localhost/test");
		DriverScenario scenario = new DriverScenario();
		assertThat(options.select(scenario.variants())).map(Variant::toString).containsExactly("virtual", "pgbench");
		assertThat(scenario.cells("driver", options)).containsExactly(new Cell("driver", "select", 32, 2));
		assertThat(options.rounds()).isEqualTo(3);
		assertThat(options.starts()).isEqualTo(2);
		assertThat(options.seconds(5)).isEqualTo(1);
		assertThat(options.url()).isEqualTo("jdbc:postgresql://localhost/test");
	}

	@Test
	void withoutOptionsAllIsMeasured() {
		Options options = parse();
		DriverScenario scenario = new DriverScenario();
		assertThat(options.select(scenario.variants())).hasSize(8);
		assertThat(scenario.cells("driver", options)).hasSize(6);
		assertThat(options.rounds()).isEqualTo(5);
		assertThat(options.starts()).isEqualTo(1);
		assertThat(options.seconds(60)).isEqualTo(60);
	}

	@Test
	void aLookupIsMeasuredWithLatencyAndWithout() {
		List<Cell> cells = new HttpScenario().cells("http", parse("--concurrency", "24"));
		assertThat(cells).filteredOn((cell) -> cell.scenario().equals("http-lookup"))
			.extracting(Cell::latencyMillis)
			.containsExactly(0, 2);
		assertThat(cells).filteredOn((cell) -> cell.scenario().equals("http-updates")).hasSize(1);
	}

	@Test
	void doorsAreMeasuredEachOnItsOwn() {
		DoorScenario scenario = new DoorScenario();
		assertThat(scenario.cells("doors", parse())).hasSize(10);
		assertThat(scenario.cells("doors", parse("--request", "call", "--concurrency", "4")))
			.containsExactly(new Cell("doors-call", "call", 4, 0));
	}

	@Test
	void whatAdmissionCostsIsMeasuredOnRequest() {
		HttpScenario scenario = new HttpScenario();
		assertThat(parse().select(scenario.variants())).map(Variant::toString)
			.hasSize(7)
			.noneMatch((name) -> name.endsWith("admission"));
		Options options = parse("--variants", "webmvc-virtual-starter,webmvc-virtual-no-admission");
		assertThat(options.select(scenario.variants())).map(Variant::toString)
			.containsExactly("webmvc-virtual-starter", "webmvc-virtual-no-admission");
	}

	@Test
	void otherServersAreMeasuredOnRequestAndComparedWithThemselves() {
		DriverScenario scenario = new DriverScenario();
		assertThat(parse().select(scenario.variants())).map(Variant::toString)
			.noneMatch((name) -> name.startsWith("mariadb") || name.startsWith("redis"));
		Options options = parse("--variants", "mariadb-virtual,mariadb-event-loop@8");
		assertThat(options.select(scenario.variants())).map(Variant::toString)
			.containsExactly("mariadb-virtual", "mariadb-event-loop@8");
		assertThat(scenario.reference("mariadb-event-loop")).isEqualTo("mariadb-virtual");
		assertThat(scenario.reference("redis-event-loop")).isEqualTo("redis-virtual");
		assertThat(scenario.reference("event-loop")).isEqualTo("virtual");
	}

	@Test
	void anUnknownVariantIsRefused() {
		Options options = parse("--variants", "quantum");
		assertThatIllegalArgumentException().isThrownBy(() -> options.select(new DriverScenario().variants()))
			.withMessageContaining("'quantum'")
			.withMessageContaining("virtual-parking");
	}

	@Test
	void aVariantIsMeasuredWithAnotherNumberOfCarriersAndOnOtherClasses() {
		Options options = parse("--variants", "event-loop@baseline,event-loop,event-loop@8", "--baseline", "old",
				"--versus", "event-loop");
		assertThat(options.select(new DriverScenario().variants())).map(Variant::toString)
			.containsExactly("event-loop@baseline", "event-loop", "event-loop@8");
		assertThat(options.versus()).containsExactly("event-loop");
	}

	@Test
	void aVariantWithoutCarriersOrAClassPathOfItsOwnIsRefused() {
		assertRefused("virtual@8");
		assertRefused("event-loop@0");
		assertRefused("event-loop@baseline");
		assertRefused("pgbench@baseline", "--baseline", "old");
	}

	private static void assertRefused(String variant, String... args) {
		Options options = parse(
				Stream.concat(Stream.of("--variants", variant), Stream.of(args)).toArray(String[]::new));
		assertThatIllegalArgumentException().isThrownBy(() -> options.select(new DriverScenario().variants()))
			.withMessageContaining(variant.substring(variant.indexOf('@')));
	}

	@Test
	void aServerThatIsApartIsNotOneThatIsThere() {
		Run run = new Run(new DriverScenario(), Path.of("target"));
		new CommandLine(run).parseArgs("--apart", "--url", "jdbc:postgresql://localhost/test");
		assertThatExceptionOfType(ParameterException.class).isThrownBy(run::call)
			.withMessageContaining("--apart")
			.withMessageContaining("--url");
	}

	private static Options parse(String... args) {
		Run run = new Run(new DriverScenario(), Path.of("target"));
		new CommandLine(run).parseArgs(args);
		return run.options();
	}

}
