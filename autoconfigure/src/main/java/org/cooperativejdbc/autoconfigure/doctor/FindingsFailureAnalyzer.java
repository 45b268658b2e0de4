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

import java.util.stream.Collectors;

import org.cooperativejdbc.spring.FindingsException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * An {@link AbstractFailureAnalyzer} for {@link FindingsException}.
 */
class FindingsFailureAnalyzer extends AbstractFailureAnalyzer<FindingsException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, FindingsException cause) {
		return new FailureAnalysis(
				cause.findings()
					.stream()
					.map((finding) -> "    - " + finding.problem() + ": " + finding.reason())
					.collect(Collectors.joining("\n", "'cooperative.jdbc.doctor' is 'fail' and there are findings:\n\n",
							"\n")),
				cause.findings()
					.stream()
					.map((finding) -> "    - " + finding.id() + ": " + finding.remedy())
					.collect(Collectors.joining("\n", "Do all of this, or set 'cooperative.jdbc.doctor' to 'warn':\n\n",
							"\n")),
				cause);
	}

}
