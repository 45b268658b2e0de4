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

package org.cooperativejdbc.spring;

import java.util.List;

import org.cooperativejdbc.Finding;

/**
 * Thrown when {@code cooperative.jdbc.doctor=fail} and there are findings.
 *
 * @since 0.1.0
 */
public class FindingsException extends RuntimeException {

	private final transient List<Finding> findings;

	FindingsException(List<Finding> findings) {
		super("The settings do not fit the concurrency model: " + findings);
		this.findings = List.copyOf(findings);
	}

	/**
	 * Return what was found.
	 * @return the findings
	 */
	public List<Finding> findings() {
		return this.findings;
	}

}
