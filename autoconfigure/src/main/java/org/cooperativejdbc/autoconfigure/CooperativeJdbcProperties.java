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

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.spring.OnEventLoop;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties for cooperative database access.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("cooperative.jdbc")
public class CooperativeJdbcProperties {

	/**
	 * Whether to enable cooperative database access.
	 */
	private boolean enabled = true;

	/**
	 * Concurrency model of the threads that call the database.
	 */
	private Model model = Model.AUTO;

	/**
	 * Whether to fail startup when a data source cannot be made cooperative.
	 */
	private boolean required;

	/**
	 * Whether to tune connection pools where the user left settings unset.
	 */
	private boolean tuning = true;

	/**
	 * What happens to a statement and its connection when the thread that waits for the
	 * result is interrupted.
	 */
	private InterruptPolicy interrupt = InterruptPolicy.CANCEL;

	/**
	 * What happens when a thread that runs the I/O of an event loop is about to wait for
	 * the database. Defaults to fail in reactive web applications and to warn elsewhere.
	 */
	private @Nullable OnEventLoop onEventLoop;

	/**
	 * Whether to report a connection that another thread uses while a transaction runs on
	 * it.
	 */
	private boolean detectSharedConnections;

	/**
	 * Time within which the transactions of an HTTP request must end.
	 */
	private @Nullable Duration requestTimeout;

	/**
	 * What to do when the set-up is at odds with the concurrency model.
	 */
	private Doctor doctor = Doctor.WARN;

	private final EventLoop eventLoop = new EventLoop();

	private final Admission admission = new Admission();

	private final Deadlines deadlines = new Deadlines();

	private final Pool pool = new Pool();

	private final HoldTime holdTime = new HoldTime();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public Model getModel() {
		return this.model;
	}

	public void setModel(Model model) {
		this.model = model;
	}

	public boolean isRequired() {
		return this.required;
	}

	public void setRequired(boolean required) {
		this.required = required;
	}

	public boolean isTuning() {
		return this.tuning;
	}

	public void setTuning(boolean tuning) {
		this.tuning = tuning;
	}

	public InterruptPolicy getInterrupt() {
		return this.interrupt;
	}

	public void setInterrupt(InterruptPolicy interrupt) {
		this.interrupt = interrupt;
	}

	public @Nullable OnEventLoop getOnEventLoop() {
		return this.onEventLoop;
	}

	public void setOnEventLoop(@Nullable OnEventLoop onEventLoop) {
		this.onEventLoop = onEventLoop;
	}

	public boolean isDetectSharedConnections() {
		return this.detectSharedConnections;
	}

	public void setDetectSharedConnections(boolean detectSharedConnections) {
		this.detectSharedConnections = detectSharedConnections;
	}

	public @Nullable Duration getRequestTimeout() {
		return this.requestTimeout;
	}

	public void setRequestTimeout(@Nullable Duration requestTimeout) {
		this.requestTimeout = requestTimeout;
	}

	public Doctor getDoctor() {
		return this.doctor;
	}

	public void setDoctor(Doctor doctor) {
		this.doctor = doctor;
	}

	public EventLoop getEventLoop() {
		return this.eventLoop;
	}

	public Admission getAdmission() {
		return this.admission;
	}

	public Deadlines getDeadlines() {
		return this.deadlines;
	}

	public Pool getPool() {
		return this.pool;
	}

	public HoldTime getHoldTime() {
		return this.holdTime;
	}

	/**
	 * What to do with findings.
	 */
	public enum Doctor {

		/**
		 * Log a warning for each finding.
		 */
		WARN,

		/**
		 * Fail startup when there are findings.
		 */
		FAIL,

		/**
		 * Do not look.
		 */
		OFF

	}

	/**
	 * The concurrency models to choose from.
	 */
	public enum Model {

		/**
		 * Detect the model.
		 */
		AUTO,

		/**
		 * Operating system threads.
		 */
		PLATFORM,

		/**
		 * Virtual threads on the JDK's scheduler.
		 */
		VIRTUAL,

		/**
		 * Virtual threads carried by event loops.
		 */
		EVENT_LOOP

	}

	/**
	 * Event loop properties.
	 */
	public static class EventLoop {

		/**
		 * Number of threads of the event loops that carry virtual threads. Defaults to
		 * the number of available processors, or to reactor.netty.ioWorkerCount where
		 * they are those of Reactor Netty.
		 */
		private @Nullable Integer threads;

		/**
		 * Time after which an event loop that does not come round lends its virtual
		 * threads to other threads.
		 */
		private Duration stallThreshold = Duration.ofMillis(10);

		public @Nullable Integer getThreads() {
			return this.threads;
		}

		public void setThreads(@Nullable Integer threads) {
			this.threads = threads;
		}

		public Duration getStallThreshold() {
			return this.stallThreshold;
		}

		public void setStallThreshold(Duration stallThreshold) {
			this.stallThreshold = stallThreshold;
		}

	}

	/**
	 * Admission properties.
	 */
	public static class Admission {

		/**
		 * Whether transactions wait for a connection in front of the pool. Defaults to
		 * true unless the model is platform.
		 */
		private @Nullable Boolean enabled;

		/**
		 * Number of transactions that may wait at once for a connection. Not limited by
		 * default.
		 */
		private @Nullable Integer maxWaiting;

		/**
		 * Time that a transaction may wait for a connection. Defaults to five sixths of
		 * the pool's connection timeout, and to at most half of the request timeout.
		 */
		private @Nullable Duration maxWait;

		/**
		 * Number of connections that only transactions opened inside another one get.
		 * Defaults to 1 from the first such transaction on.
		 */
		private @Nullable Integer reserve;

		public @Nullable Boolean getEnabled() {
			return this.enabled;
		}

		public void setEnabled(@Nullable Boolean enabled) {
			this.enabled = enabled;
		}

		public @Nullable Integer getMaxWaiting() {
			return this.maxWaiting;
		}

		public void setMaxWaiting(@Nullable Integer maxWaiting) {
			this.maxWaiting = maxWaiting;
		}

		public @Nullable Duration getMaxWait() {
			return this.maxWait;
		}

		public void setMaxWait(@Nullable Duration maxWait) {
			this.maxWait = maxWait;
		}

		public @Nullable Integer getReserve() {
			return this.reserve;
		}

		public void setReserve(@Nullable Integer reserve) {
			this.reserve = reserve;
		}

	}

	/**
	 * Pool properties.
	 */
	public static class Pool {

		/**
		 * Number of instances of the application that share the database server. When
		 * set, pools whose maximum size is not set are sized to their share.
		 */
		private @Nullable Integer instances;

		/**
		 * Whether to connect pools and wait once for the server before the application
		 * accepts requests.
		 */
		private boolean warmUp = true;

		public @Nullable Integer getInstances() {
			return this.instances;
		}

		public void setInstances(@Nullable Integer instances) {
			this.instances = instances;
		}

		public boolean isWarmUp() {
			return this.warmUp;
		}

		public void setWarmUp(boolean warmUp) {
			this.warmUp = warmUp;
		}

	}

	/**
	 * Deadline properties.
	 */
	public static class Deadlines {

		/**
		 * Whether the timeout of a transaction or request cancels the statement that
		 * runs. Defaults to true unless the model is platform and there is no request
		 * timeout.
		 */
		private @Nullable Boolean enabled;

		public @Nullable Boolean getEnabled() {
			return this.enabled;
		}

		public void setEnabled(@Nullable Boolean enabled) {
			this.enabled = enabled;
		}

	}

	/**
	 * Hold time properties.
	 */
	public static class HoldTime {

		/**
		 * Whether to measure how long transactions hold a connection while the database
		 * does nothing for them.
		 */
		private boolean enabled = true;

		/**
		 * Time between two samples.
		 */
		private Duration interval = Duration.ofMillis(200);

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public Duration getInterval() {
			return this.interval;
		}

		public void setInterval(Duration interval) {
			this.interval = interval;
		}

	}

}
