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

package org.cooperativejdbc.junit;

import java.time.Duration;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.door.Observed;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails each test in which a carrier was blocked or pinned, JDBC was called on an event
 * loop, or a connection was held idle for too long or not given back. The failure
 * contains the stack of the responsible thread.
 *
 * <pre class="code">
 * &#64;RegisterExtension
 * static final CooperativeJdbcExtension checks = CooperativeJdbcExtension.of(cooperative);
 * </pre>
 *
 * Watches a {@link Cooperative} from the {@code @BeforeEach} methods to the end of a
 * test. Connections that were borrowed before are ignored. Tests with the same {@code
 * Cooperative} must not run in parallel. Spring applications use
 * {@code @EnsureCooperative} instead.
 *
 * @since 0.1.0
 */
public final class CooperativeJdbcExtension implements BeforeEachCallback, AfterTestExecutionCallback {

	private final Observed observed;

	private final Limits limits;

	private CooperativeJdbcExtension(Observed observed, Limits limits) {
		this.observed = observed;
		this.limits = limits;
	}

	/**
	 * Create an extension.
	 * @param cooperative what the tests use, which stays open
	 * @return an extension with the default limits: 500 ms of an idle hold, a second of a
	 * pinned and five seconds of a blocked carrier
	 */
	public static CooperativeJdbcExtension of(Cooperative cooperative) {
		return of(cooperative.observed());
	}

	/**
	 * Create an extension for an application.
	 * @param observed what can be seen of the application
	 * @return an extension with the default limits
	 */
	public static CooperativeJdbcExtension of(Observed observed) {
		return new CooperativeJdbcExtension(observed, Limits.DEFAULT);
	}

	/**
	 * Set how long a connection may be held while its thread waits for something else
	 * than the database. Connections whose driver has no cooperative socket are not
	 * judged.
	 * @param time the time
	 * @return a new extension
	 */
	public CooperativeJdbcExtension withMaxIdleHold(Duration time) {
		return new CooperativeJdbcExtension(this.observed,
				new Limits(time, this.limits.pinned(), this.limits.blocked()));
	}

	/**
	 * Set how long a virtual thread may wait without leaving its carrier.
	 * @param time the time; event loops do not notice anything shorter than their stall
	 * threshold
	 * @return a new extension
	 */
	public CooperativeJdbcExtension withMaxPinned(Duration time) {
		return new CooperativeJdbcExtension(this.observed,
				new Limits(this.limits.idleHold(), time, this.limits.blocked()));
	}

	/**
	 * Set how long a thread that does not wait may occupy an event loop. This cannot be
	 * checked for carriers of the JDK.
	 * @param time the time; event loops do not tell of less than their stall threshold
	 * @return a new extension
	 */
	public CooperativeJdbcExtension withMaxBlocked(Duration time) {
		return new CooperativeJdbcExtension(this.observed,
				new Limits(this.limits.idleHold(), this.limits.pinned(), time));
	}

	/**
	 * Start to watch. The watch is closed after everything else that belongs to the test,
	 * such as a transaction that Spring rolls back.
	 */
	@Override
	public void beforeEach(ExtensionContext context) {
		if (this.observed.description().model() == ConcurrencyModel.PLATFORM) {
			throw new ExtensionConfigurationException(
					"There is nothing to check in the concurrency model 'platform', which was chosen because of: "
							+ this.observed.description().reason());
		}
		try {
			store(context).put(this, new Watch(this.observed, this.limits));
		}
		catch (IllegalStateException ex) {
			throw new ExtensionConfigurationException("Another test checks the same at the same time. "
					+ "Annotate the tests with '@Isolated', or let each one have its own", ex);
		}
	}

	@Override
	public void afterTestExecution(ExtensionContext context) {
		Watch watch = store(context).get(this, Watch.class);
		if (watch != null) {
			watch.executed();
		}
	}

	private static ExtensionContext.Store store(ExtensionContext context) {
		return context.getStore(ExtensionContext.Namespace.create(CooperativeJdbcExtension.class));
	}

}
