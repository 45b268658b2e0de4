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

package org.cooperativejdbc.autoconfigure.doctor;

import java.lang.module.ModuleDescriptor;
import java.util.List;
import java.util.function.BiPredicate;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.pool.HikariVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the checks of versions.
 */
class VersionCheckTests {

	private static final BiPredicate<String, String> ALL_SET = (property, value) -> true;

	@ParameterizedTest
	@CsvSource({ "21.0.4, jdk-pinning", "22, jdk-pinning", "23.0.2, jdk-pinning", "25, jdk-timed-park",
			"25.0.2, jdk-timed-park", "25.0.3, jdk-monitor", "26, jdk-timed-park" })
	void unfitJdk(String version, String id) {
		assertThat(new JdkCheck(Runtime.Version.parse(version)).findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.id()).isEqualTo(id);
			assertThat(finding.problem()).isEqualTo("JDK " + version);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "24.0.1", "25.0.4", "25.0.4+7-LTS", "26.0.1", "26.0.2.1", "27", "28-ea" })
	void fitJdk(String version) {
		assertThat(new JdkCheck(Runtime.Version.parse(version)).findings()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "5.1.0", "6.3.3", "7.0.2" })
	void unfitHikari(String version) {
		assertThat(LibraryCheck.hikari(version).findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.id()).isEqualTo("hikaricp-spin");
			assertThat(finding.problem()).isEqualTo("HikariCP " + version);
			assertThat(finding.remedy()).contains("<hikaricp.version>7.1.0</hikaricp.version>");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "7.1.0", "7.10.0", "8.0.0" })
	void fitHikari(String version) {
		assertThat(LibraryCheck.hikari(version).findings()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "42.7.4", "42.7.5", "42.7.8" })
	void driverWithMonitors(String version) {
		assertThat(LibraryCheck.postgresql(version).findings()).extracting(Finding::id)
			.containsExactly("pgjdbc-monitors");
	}

	@ParameterizedTest
	@ValueSource(strings = { "42.7.3", "42.7.9", "42.7.11" })
	void driverWithoutMonitors(String version) {
		assertThat(LibraryCheck.postgresql(version).findings()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "42.7.11", "42.7.12" })
	void driverThatSendsBeginAlone(String version) {
		assertThat(LibraryCheck.postgresqlWrites(version).findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.id()).isEqualTo("pgjdbc-writes");
			assertThat(finding.advice()).isTrue();
			assertThat(finding.remedy()).contains("<postgresql.version>42.7.13</postgresql.version>");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "42.7.13", "42.7.14", "42.8.0" })
	void driverThatSendsBeginWithTheFirstStatement(String version) {
		assertThat(LibraryCheck.postgresqlWrites(version).findings()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "42.2.12, CVE-2020-13692", "42.3.1, CVE-2022-21724", "42.2.25, CVE-2022-31197",
			"42.4.2, CVE-2022-41946", "42.6.0, CVE-2024-1597", "42.7.1, CVE-2024-1597", "42.7.6, CVE-2025-49146",
			"42.7.10, CVE-2026-42198", "42.7.11, CVE-2026-54291" })
	void vulnerableDriver(String version, String vulnerability) {
		assertThat(new PostgresqlVulnerabilityCheck(version, ALL_SET).findings()).singleElement()
			.satisfies((finding) -> {
				assertThat(finding.id()).isEqualTo("pgjdbc-cve");
				assertThat(finding.reason()).contains(vulnerability);
				assertThat(finding.remedy()).contains("<postgresql.version>");
			});
	}

	@ParameterizedTest
	@CsvSource({ "42.2.25, CVE-2022-21724", "42.2.28, CVE-2024-1597", "42.6.1, CVE-2024-1597", "42.7.2, CVE-2024-1597",
			"42.7.3, CVE-2025-49146", "42.7.7, CVE-2025-49146" })
	void vulnerabilityThatWasFixedInTheBranch(String version, String vulnerability) {
		assertThat(new PostgresqlVulnerabilityCheck(version, ALL_SET).findings())
			.allSatisfy((finding) -> assertThat(finding.reason()).doesNotContain(vulnerability));
	}

	@ParameterizedTest
	@ValueSource(strings = { "42.7.12", "42.7.13", "42.8.0" })
	void driverWithoutKnownVulnerability(String version) {
		assertThat(new PostgresqlVulnerabilityCheck(version, ALL_SET).findings()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "42.7.7", "42.7.11" })
	void vulnerabilityThatNeedsASettingIsNoneWithoutIt(String version) {
		assertThat(new PostgresqlVulnerabilityCheck(version, (property, value) -> false).findings())
			.allMatch(Finding::advice)
			.allSatisfy((finding) -> assertThat(finding.reason()).doesNotContain("channelBinding"));
		assertThat(new PostgresqlVulnerabilityCheck(version,
				(property, value) -> property.equals("channelBinding") && value.equals("require"))
			.findings()).singleElement().satisfies((finding) -> assertThat(finding.advice()).isFalse());
	}

	@Test
	void unknownVersionIsNoFinding() {
		assertThat(List.of(LibraryCheck.hikari(null), LibraryCheck.postgresql(null),
				new PostgresqlVulnerabilityCheck(null, ALL_SET)))
			.allSatisfy((check) -> assertThat(check.findings()).isEmpty());
	}

	@Test
	void versionsOfTheLibrariesAreKnown() {
		assertThat(List.of(String.valueOf(HikariVersion.get()), String.valueOf(PostgresqlDriver.version())))
			.allSatisfy((version) -> assertThat(ModuleDescriptor.Version.parse(version)).hasToString(version));
	}

}
