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

import java.lang.module.ModuleDescriptor.Version;
import java.util.List;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.spring.Check;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a version of a library that is unfit for virtual threads.
 *
 * @param id identifies the finding
 * @param library the name of the library
 * @param version the version that the application has, or {@code null} if it is unknown
 * @param since the first version that is unfit
 * @param fixed the first version that is not
 * @param reason why it is unfit
 * @param remedy what to do
 */
record LibraryCheck(String id, String library, @Nullable String version, String since, String fixed, String reason,
		String remedy) implements Check {

	static LibraryCheck hikari(@Nullable String version) {
		return new LibraryCheck("hikaricp-spin", "HikariCP", version, "0", "7.1.0",
				"threads that return a connection while others wait for one spin, and virtual threads that spin "
						+ "keep their carriers from all others (HikariCP #2398)",
				"Set the property <hikaricp.version>7.1.0</hikaricp.version> in the build of the application");
	}

	static LibraryCheck postgresql(@Nullable String version) {
		return new LibraryCheck("pgjdbc-monitors", "PostgreSQL JDBC driver", version, "42.7.4", "42.7.9",
				"it takes a monitor on hot paths, which pins virtual threads before JDK 24 (pgjdbc #3835)",
				PostgresqlVulnerabilityCheck.REMEDY);
	}

	static LibraryCheck postgresqlWrites(@Nullable String version) {
		return new LibraryCheck("pgjdbc-writes", "PostgreSQL JDBC driver", version, "0", "42.7.13",
				"each transaction costs a system call and a packet more than needed, because it sends BEGIN before "
						+ "the first statement and not along with it (pgjdbc #3894)",
				PostgresqlVulnerabilityCheck.REMEDY);
	}

	@Override
	public List<Finding> findings() {
		if (this.version == null) {
			return List.of();
		}
		Version version = Version.parse(this.version);
		boolean unfit = version.compareTo(Version.parse(this.since)) >= 0
				&& version.compareTo(Version.parse(this.fixed)) < 0;
		return unfit
				? List.of(new Finding(this.id, this.library + " " + this.version, this.reason, this.remedy).asAdvice())
				: List.of();
	}

}
