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

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.spring.Admission;
import org.cooperativejdbc.spring.AdmissionLimits;
import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * The admission of each connection pool, whichever transaction managers use it.
 * <p>
 * When the application closes, the web server, listeners, executors and schedulers take
 * no more work and end what they have, which may begin transactions; this comes next and
 * lets the transactions end that wait or run. The pool and the event loops are closed
 * after that, as beans.
 */
class Admissions implements SmartLifecycle {

	/**
	 * After executors and schedulers, which stop after the web server.
	 */
	static final int PHASE = ExecutorConfigurationSupport.DEFAULT_PHASE - 1024;

	private final Map<HikariDataSource, Admission> admissions = new ConcurrentHashMap<>();

	private final CooperativeJdbcProperties properties;

	private volatile boolean running;

	Admissions(CooperativeJdbcProperties properties) {
		this.properties = properties;
	}

	Admission of(HikariDataSource pool) {
		return this.admissions.computeIfAbsent(pool, this::create);
	}

	private Admission create(HikariDataSource pool) {
		CooperativeJdbcProperties.Admission admission = this.properties.getAdmission();
		Integer maxWaiting = admission.getMaxWaiting();
		String poolName = (pool.getPoolName() != null) ? pool.getPoolName() : "HikariPool";
		return new Admission(poolName, pool::getMaximumPoolSize, new AdmissionLimits(
				(maxWaiting != null) ? maxWaiting : Integer.MAX_VALUE, maxWait(pool), admission.getReserve()));
	}

	private Duration maxWait(HikariDataSource pool) {
		Duration maxWait = this.properties.getAdmission().getMaxWait();
		return (maxWait != null) ? maxWait : defaultMaxWait(pool, this.properties.getRequestTimeout());
	}

	private static Duration defaultMaxWait(HikariDataSource pool, @Nullable Duration requestTimeout) {
		Duration maxWait = Duration.ofMillis(pool.getConnectionTimeout()).multipliedBy(5).dividedBy(6);
		return (requestTimeout != null && requestTimeout.dividedBy(2).compareTo(maxWait) < 0)
				? requestTimeout.dividedBy(2) : maxWait;
	}

	@Override
	public void start() {
		this.running = true;
		this.admissions.values().forEach(Admission::start);
	}

	@Override
	public void stop(Runnable callback) {
		this.running = false;
		List<Admission> stopping = List.copyOf(this.admissions.values());
		AtomicInteger remaining = new AtomicInteger(stopping.size() + 1);
		Runnable idle = () -> {
			if (remaining.decrementAndGet() == 0) {
				callback.run();
			}
		};
		stopping.forEach((admission) -> admission.stop(idle));
		idle.run();
	}

	@Override
	public void stop() {
		stop(() -> {
		});
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	/**
	 * A paused application may still be used, as by a test that shares its context.
	 */
	@Override
	public boolean isPauseable() {
		return false;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
