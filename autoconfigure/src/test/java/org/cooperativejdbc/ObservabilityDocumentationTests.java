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

package org.cooperativejdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.HoldTimeAutoConfiguration;
import org.cooperativejdbc.autoconfigure.metrics.CooperativeJdbcMetricsAutoConfiguration;
import org.cooperativejdbc.door.QueueObservation;
import org.cooperativejdbc.pool.RefusalReason;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The meters of {@code docs/observability.md} and of the dashboard are those that are
 * registered, neither more nor fewer.
 */
class ObservabilityDocumentationTests {

	private static final Path DOCUMENTATION = Path.of("..", "docs", "observability.md");

	private static final Path DASHBOARD = Path.of("..", "docs", "grafana", "cooperative-jdbc.json");

	@Test
	void tableIsThatOfTheMeters() throws IOException {
		Set<String> rows = Files.readAllLines(DOCUMENTATION)
			.stream()
			.filter((line) -> line.startsWith("| `cooperative.jdbc."))
			.map((line) -> String.join("|", line.split("\\|", -1)[1].trim(), line.split("\\|", -1)[2].trim(),
					line.split("\\|", -1)[3].trim()))
			.collect(Collectors.toCollection(TreeSet::new));
		assertThat(rows).isEqualTo(meters((meter) -> Stream.of(row(meter))));
	}

	@Test
	void reasonsEventsAndObservationAreNamed() throws IOException {
		String documentation = Files.readString(DOCUMENTATION);
		assertThat(RefusalReason.values())
			.allSatisfy((reason) -> assertThat(documentation).contains("`" + reason + "`"));
		assertThat(documentation).contains("`" + QueueObservation.NAME + "`");
	}

	@Test
	void dashboardShowsAllMetersAndNoOthers() throws IOException {
		String dashboard = Files.readString(DASHBOARD);
		assertThat(JsonParserFactory.getJsonParser().parseMap(dashboard)).containsEntry("title", "Cooperative JDBC");
		Set<String> shown = Pattern.compile("cooperative_jdbc_\\w+")
			.matcher(dashboard)
			.results()
			.map(MatchResult::group)
			.collect(Collectors.toCollection(TreeSet::new));
		assertThat(shown).isEqualTo(meters(ObservabilityDocumentationTests::seriesOfPrometheus));
	}

	private static String row(Meter meter) {
		String tags = meter.getId()
			.getTags()
			.stream()
			.map(Tag::getKey)
			.sorted()
			.map((key) -> "`" + key + "`")
			.collect(Collectors.joining(", "));
		return "`" + meter.getId().getName() + "`|" + meter.getId().getType().name().toLowerCase(Locale.ROOT) + "|"
				+ tags;
	}

	/**
	 * Return the names that Micrometer gives to the time series of a meter.
	 */
	private static Stream<String> seriesOfPrometheus(Meter meter) {
		String name = meter.getId().getName().replace('.', '_');
		String unit = "seconds".equals(meter.getId().getBaseUnit()) ? "_seconds" : "";
		return switch (meter.getId().getType()) {
			case COUNTER -> Stream.of(name + unit + "_total");
			case GAUGE -> Stream.of(name + unit);
			case TIMER -> Stream.of(name + "_seconds_count", name + "_seconds_sum", name + "_seconds_max");
			default -> throw new IllegalArgumentException(meter.toString());
		};
	}

	private static Set<String> meters(Function<Meter, Stream<String>> names) {
		Set<String> all = new TreeSet<>();
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
					EventLoopAutoConfiguration.class, HoldTimeAutoConfiguration.class,
					CooperativeJdbcMetricsAutoConfiguration.class, DataSourceAutoConfiguration.class,
					MetricsAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class))
			.withPropertyValues(TestDatabase.instance().properties())
			.withPropertyValues("cooperative.jdbc.model=event-loop", "cooperative.jdbc.admission.shares.enabled=true")
			.run((context) -> context.getBean(MeterRegistry.class)
				.getMeters()
				.stream()
				.filter((meter) -> meter.getId().getName().startsWith("cooperative.jdbc."))
				.flatMap(names)
				.forEach(all::add));
		return all;
	}

}
