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

import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.pool.WarmUp;

import org.springframework.context.SmartLifecycle;

/**
 * Warms pools up before anything that calls them is started, on platform threads, because
 * a virtual thread that loads a class is pinned to its carrier. Startup does not depend
 * on it: failures are logged, and a warm-up that takes long continues in the background.
 * So does one that waits for a connection, which somebody may hold as long as the
 * application runs.
 */
public class PoolWarmUp implements SmartLifecycle {

	/**
	 * Before web servers, message listeners and schedulers, which all start late.
	 */
	static final int PHASE = Integer.MIN_VALUE + 1024;

	static final Duration PATIENCE = Duration.ofSeconds(5);

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private final CooperativeJdbc cooperativeJdbc;

	private final ManagedPools pools;

	private final WarmUp warmUp;

	private volatile boolean running;

	private boolean done;

	/**
	 * Create a warm-up.
	 * @param cooperativeJdbc where to note what was changed
	 * @param pools the pools of the application
	 * @param warmUp warms one of them up
	 */
	public PoolWarmUp(CooperativeJdbc cooperativeJdbc, ManagedPools pools, WarmUp warmUp) {
		this.cooperativeJdbc = cooperativeJdbc;
		this.pools = pools;
		this.warmUp = warmUp;
	}

	@Override
	public void start() {
		this.running = true;
		this.pools.start();
		Collection<ManagedPool> pools = this.pools.postgresql();
		if (pools.isEmpty() || this.done) {
			return;
		}
		this.done = true;
		boolean full = pools.stream().anyMatch(ManagedPool::isFull);
		Thread thread = Thread.ofPlatform()
			.daemon()
			.name("cooperative-jdbc-warm-up")
			.start(() -> pools.forEach(this::warmUp));
		try {
			if (!full && !thread.join(PATIENCE)) {
				logger.info("The warm-up of the connection pools continues while the application starts");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void warmUp(ManagedPool pool) {
		try {
			this.warmUp.run(pool, this.pools.sharing(pool)).forEach((tuning) -> {
				this.cooperativeJdbc.tuned(tuning);
				logger.info("Cooperative JDBC: " + tuning);
			});
		}
		catch (SQLException | RuntimeException ex) {
			logger.info("Cooperative JDBC: " + pool.name() + " was not warmed up: " + ex.getMessage());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
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
