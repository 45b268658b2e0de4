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

import org.cooperativejdbc.Finding;

/**
 * Thrown when {@code cooperative.jdbc.required} is set and a data source cannot be made
 * cooperative.
 */
class UncooperativeDataSourceException extends RuntimeException {

	private final String remedy;

	UncooperativeDataSourceException(String beanName, String outcome, String remedy) {
		super("The data source '" + beanName + "' is not cooperative: " + outcome);
		this.remedy = remedy;
	}

	UncooperativeDataSourceException(Finding finding) {
		super(finding.problem() + ": " + finding.reason());
		this.remedy = finding.remedy() + ".";
	}

	String remedy() {
		return this.remedy;
	}

}
