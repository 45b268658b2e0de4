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

import java.util.Collection;
import java.util.function.Supplier;

import org.cooperativejdbc.pool.CooperativeDataSource;

import org.springframework.context.SmartLifecycle;

/**
 * Waits for borrowed connections, when everything else has stopped and before any bean is
 * destroyed. An entity manager factory is destroyed before its pool, so a transaction
 * that still runs then could neither commit nor give its connection back. No thread is
 * refused meanwhile.
 */
public class PoolDrain implements SmartLifecycle {

	/**
	 * The last one to be stopped.
	 */
	static final int PHASE = Integer.MIN_VALUE;

	private final Supplier<Collection<CooperativeDataSource>> pools;

	private volatile boolean running;

	/**
	 * Create a new drain.
	 * @param pools supplies the pools of the application
	 */
	public PoolDrain(Supplier<Collection<CooperativeDataSource>> pools) {
		this.pools = pools;
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		this.pools.get().forEach(CooperativeDataSource::awaitReturn);
	}

	/**
	 * A paused application may still be used, as by a test that shares its context.
	 */
	@Override
	public boolean isPauseable() {
		return false;
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
