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

package org.cooperativejdbc.autoconfigure;

import org.cooperativejdbc.carrier.CarriedThreads;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * An {@link AbstractFailureAnalyzer} for {@link ConcurrencyModelUnavailableException}.
 */
class ConcurrencyModelUnavailableFailureAnalyzer extends AbstractFailureAnalyzer<ConcurrencyModelUnavailableException> {

	private static final String ACTION = """
			Start the JVM with
			    %s
			or add to the manifest of the executable jar
			    Add-Opens: java.base/java.lang
			or set 'cooperative.jdbc.model' to 'auto' or 'virtual'.""".formatted(CarriedThreads.OPEN_OPTION);

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ConcurrencyModelUnavailableException cause) {
		return new FailureAnalysis(cause.getMessage() + ".", ACTION, cause);
	}

}
