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

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;

/**
 * Runs the checks once: when all beans exist and the pools have been warmed up, and
 * before the application accepts requests. What is wrong is logged in one message, and so
 * is advice. A check that fails finds nothing.
 *
 * @since 0.1.0
 */
public final class Doctor implements SmartLifecycle {

	/**
	 * After the warm-up of the pools, and before web servers, message listeners and
	 * schedulers.
	 */
	private static final int PHASE = Integer.MIN_VALUE + 2048;

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private final CooperativeJdbc cooperativeJdbc;

	private final ObjectProvider<Check> checks;

	private final boolean fail;

	private volatile boolean running;

	private boolean done;

	/**
	 * Create a doctor.
	 * @param cooperativeJdbc takes the findings
	 * @param checks what to look for
	 * @param fail whether startup fails when something is wrong
	 */
	public Doctor(CooperativeJdbc cooperativeJdbc, ObjectProvider<Check> checks, boolean fail) {
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
		checks().forEach((check) -> look(check).forEach(this.cooperativeJdbc::found));
		List<Finding> wrong = findings(false);
		if (this.fail && !wrong.isEmpty()) {
			throw new FindingsException(wrong);
		}
		if (!wrong.isEmpty()) {
			logger.warn(wrong.stream()
				.map(Finding::toString)
				.collect(Collectors.joining("\n    - ", "Cooperative JDBC found:\n    - ", "")));
		}
		List<Finding> advice = findings(true);
		if (!advice.isEmpty()) {
			logger.info(advice.stream()
				.map((finding) -> finding.problem() + " [" + finding.id() + "]")
				.collect(Collectors.joining("; ", "Cooperative JDBC has advice, more of it at level debug: ", "")));
			advice.forEach(logger::debug);
		}
	}

	private List<Finding> findings(boolean advice) {
		return this.cooperativeJdbc.findings().stream().filter((finding) -> finding.advice() == advice).toList();
	}

	private List<Check> checks() {
		try {
			return this.checks.orderedStream().toList();
		}
		catch (RuntimeException ex) {
			logger.debug("Unable to create the checks", ex);
			return List.of();
		}
	}

	/**
	 * Run a check that may fail.
	 * @param check the check
	 * @return what it found, empty if it failed
	 */
	public static List<Finding> look(Check check) {
		try {
			return new ArrayList<>(check.findings());
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Unable to look for what " + check.getClass().getName() + " finds", ex);
			return List.of();
		}
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
