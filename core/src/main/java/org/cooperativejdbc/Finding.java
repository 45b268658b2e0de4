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

/**
 * A setting of an application that does not fit its concurrency model, and what to do
 * about it.
 *
 * @param id identifies the kind of finding, as in the documentation
 * @param problem what is wrong
 * @param reason what it causes here
 * @param remedy what to do: the property or the version of a dependency
 * @param advice whether nothing is wrong, and the remedy is only an improvement
 * @since 0.1.0
 */
public record Finding(String id, String problem, String reason, String remedy, boolean advice) {

	/**
	 * Create a finding that is not only advice.
	 * @param id identifies the kind of finding, as in the documentation
	 * @param problem what is wrong
	 * @param reason what it causes here
	 * @param remedy what to do
	 */
	public Finding(String id, String problem, String reason, String remedy) {
		this(id, problem, reason, remedy, false);
	}

	/**
	 * Return the same finding as advice.
	 * @return the advice
	 */
	public Finding asAdvice() {
		return new Finding(this.id, this.problem, this.reason, this.remedy, true);
	}

	@Override
	public String toString() {
		return this.problem + ": " + this.reason + ". " + this.remedy + " [" + this.id + "]";
	}

}
