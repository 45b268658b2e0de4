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

	private static final Runtime.Version TIMED_PARK_FIXED = Runtime.Version.parse("25.0.3");

	private static final Runtime.Version MONITOR_FIXED = Runtime.Version.parse("25.0.4");

	@Override
	public List<Finding> findings() {
		List<Finding> findings = new ArrayList<>();
		if (this.version.feature() < 24) {
			findings.add(finding("jdk-pinning",
					"a virtual thread that waits while it holds a monitor keeps its carrier (solved by JEP 491)",
					"Use JDK 25"));
		}
		if (is25Before(TIMED_PARK_FIXED)) {
			findings.add(finding("jdk-timed-park",
					"a wait with a timeout, as for a connection of the pool, may never end (JDK-8369227)",
					"Use JDK 25.0.4 or later"));
		}
		else if (is25Before(MONITOR_FIXED)) {
			findings
				.add(finding("jdk-monitor", "a virtual thread that waits for a monitor may never get it (JDK-8373120)",
						"Use JDK 25.0.4 or later"));
		}
		return findings;
	}

	private boolean is25Before(Runtime.Version fixed) {
		return this.version.feature() == 25 && this.version.compareToIgnoreOptional(fixed) < 0;
	}

	private Finding finding(String id, String reason, String remedy) {
		String version = this.version.version().stream().map(String::valueOf).reduce((a, b) -> a + "." + b).orElse("");
		return new Finding(id, "JDK " + version, reason, remedy);
	}

}
