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

package org.cooperativejdbc.benchmark;

/**
 * What all variants of one table have in common.
 *
 * @param scenario the name of the scenario, as it is written to the file
 * @param operation what is measured
 * @param concurrency how many connections or clients there are
 * @param latencyMillis what a query takes in the server, beside its work
 */
public record Cell(String scenario, String operation, int concurrency, int latencyMillis) {

	@Override
	public String toString() {
		return "%s: %s, concurrency %d, %d ms in the server".formatted(this.scenario, this.operation, this.concurrency,
				this.latencyMillis);
	}

}
