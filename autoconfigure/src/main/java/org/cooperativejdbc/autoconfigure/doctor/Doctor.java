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

import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;

/**
 * Runs the checks once: when all beans exist and the pools have been warmed up, and
 * before the application accepts requests.
 */
class Doctor implements SmartLifecycle {

	/**
	 * After the warm-up of the pools, and before web servers, message listeners and
	 * schedulers.
	 */
	static final int PHASE = Integer.MIN_VALUE + 2048;

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private final CooperativeJdbc cooperativeJdbc;

	private final ObjectProvider<Check> checks;

	private final boolean fail;

	private volatile boolean running;

	private boolean done;

	Doctor(CooperativeJdbc cooperativeJdbc, ObjectProvider<Check> checks, boolean fail) {
		this.cooperativeJdbc = cooperativeJdbc;
		this.checks = checks;
		this.fail = fail;
	}

	@Override
	public void start() {
		this.running = true;
		if (this.done) {
			return;
		}
		this.done = true;
		this.checks.orderedStream().map(Check::findings).flatMap(List::stream).forEach(this.cooperativeJdbc::found);
		if (this.fail && !this.cooperativeJdbc.findings().isEmpty()) {
			throw new FindingsException(this.cooperativeJdbc.findings());
		}
		this.cooperativeJdbc.findings().forEach((finding) -> logger.warn("Cooperative JDBC: " + finding));
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
