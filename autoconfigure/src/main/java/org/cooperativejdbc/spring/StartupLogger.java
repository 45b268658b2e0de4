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

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.carrier.EventLoops;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Logs what was detected, installed and tuned: one line, and a line at debug level for
 * each setting that was tuned. A failure to do so does not stop startup.
 *
 * @since 0.1.0
 */
public final class StartupLogger implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private final CooperativeJdbc cooperativeJdbc;

	private final ObjectProvider<EventLoops> eventLoops;

	private final @Nullable Finding ineffective;

	/**
	 * Create a logger.
	 * @param cooperativeJdbc what was detected, installed and tuned
	 * @param eventLoops the event loops of the application, if it has any
	 * @param ineffective what the user has set to no effect, or {@code null} if there is
	 * nothing
	 */
	public StartupLogger(CooperativeJdbc cooperativeJdbc, ObjectProvider<EventLoops> eventLoops,
			@Nullable Finding ineffective) {
		this.cooperativeJdbc = cooperativeJdbc;
		this.eventLoops = eventLoops;
		this.ineffective = ineffective;
	}

	@Override
	public void afterSingletonsInstantiated() {
		try {
			logger.info(summary());
			this.cooperativeJdbc.tunings().forEach(logger::debug);
			if (this.ineffective != null) {
				this.cooperativeJdbc.found(this.ineffective);
				logger.warn("Cooperative JDBC found: " + this.ineffective);
			}
		}
		catch (RuntimeException ex) {
			logger.debug("Unable to say what was installed", ex);
		}
	}

	private String summary() {
		StringBuilder summary = new StringBuilder("Cooperative JDBC: ").append(this.cooperativeJdbc.model())
			.append(" (")
			.append(this.cooperativeJdbc.reason());
		EventLoops loops = this.eventLoops.getIfUnique();
		if (loops != null) {
			summary.append("; ")
				.append(loops.size())
				.append((loops.size() != 1) ? " carrier threads" : " carrier thread");
		}
		summary.append(")");
		this.cooperativeJdbc.dataSources()
			.forEach((name, outcome) -> summary.append("; ").append(name).append(": ").append(outcome));
		return summary.toString();
	}

}
