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

import java.util.ArrayList;
import java.util.List;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.spring.Check;

/**
 * Looks for versions of the JDK in which virtual threads pin their carriers or get stuck.
 *
 * @param version the version of the JDK
 */
record JdkCheck(Runtime.Version version) implements Check {

	private static final String TIMED_PARK = "a wait with a timeout, as for a connection of the pool, may never end (JDK-8369227)";

	private static final String MONITOR = "a virtual thread that waits for a monitor may never get it (JDK-8373120)";

	@Override
	public List<Finding> findings() {
		List<Finding> findings = new ArrayList<>();
		if (this.version.feature() < 24) {
			findings.add(finding("jdk-pinning",
					"a virtual thread that waits while it holds a monitor keeps its carrier (solved by JEP 491)",
					"Use JDK 25"));
		}
		if (isUpdateBefore("25.0.3")) {
			findings.add(finding("jdk-timed-park", TIMED_PARK, "Use JDK 25.0.4 or later"));
		}
		else if (isUpdateBefore("25.0.4")) {
			findings.add(finding("jdk-monitor", MONITOR, "Use JDK 25.0.4 or later"));
		}
		else if (isUpdateBefore("26.0.1")) {
			findings.add(finding("jdk-timed-park", TIMED_PARK, "Use JDK 26.0.2 or later"));
		}
		return findings;
	}

	/**
	 * Return whether this is an update of the same feature release that lacks a fix.
	 */
	private boolean isUpdateBefore(String fixed) {
		Runtime.Version version = Runtime.Version.parse(fixed);
		return this.version.feature() == version.feature() && this.version.compareToIgnoreOptional(version) < 0;
	}

	private Finding finding(String id, String reason, String remedy) {
		String version = this.version.version().stream().map(String::valueOf).reduce((a, b) -> a + "." + b).orElse("");
		return new Finding(id, "JDK " + version, reason, remedy);
	}

}
