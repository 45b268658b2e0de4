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
import java.util.LinkedHashMap;
import java.util.Map;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.spring.OnEventLoop;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Configuration properties for cooperative database access.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("cooperative.jdbc")
public class CooperativeJdbcProperties implements InitializingBean {

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
	 * Time to wait for the answer to a canceled statement before its connection is
	 * closed.
	 */
	private Duration cancelGrace = Duration.ofSeconds(5);

	/**
	 * What happens when a thread that runs the I/O of an event loop is about to wait for
	 * the database. Defaults to fail in reactive web applications and to warn elsewhere.
	 */
	private @Nullable OnEventLoop onEventLoop;

	/**
	 * Whether to report a connection that is used by another thread than the one that
	 * borrowed it.
	 */
	private boolean detectSharedConnections;

	/**
	 * Time after which an HTTP request no longer waits for connections or answers of the
	 * database.
	 */
	private @Nullable Duration requestTimeout;

	/**
	 * What to do when settings do not fit the concurrency model.
	 */
	private Doctor doctor = Doctor.WARN;

	private final EventLoop eventLoop = new EventLoop();

	private final Queue admission = new Queue();

	/**
	 * Queues of single pools by bean name. They override what is set for all pools.
	 */
	private final Map<String, Queue> pools = new LinkedHashMap<>();

	/**
	 * Executors of the application by bean name, each with a limit.
	 */
	private final Map<String, Bounds> executors = new LinkedHashMap<>();

	private final Deadlines deadlines = new Deadlines();

	private final Pool pool = new Pool();

	private final HoldTime holdTime = new HoldTime();

	private final ReadOnly readOnly = new ReadOnly();

	private final Web web = new Web();

	private final Clients clients = new Clients();

	private final Health health = new Health();

	/**
	 * Check the values that cannot hold for any application, before anybody reads one.
	 */
	@Override
	public void afterPropertiesSet() {
		Integer threads = this.eventLoop.getThreads();
		if (threads != null && threads < 1) {
			throw new InvalidConfigurationPropertyValueException("cooperative.jdbc.event-loop.threads", threads,
					"There must be at least one event loop.");
		}
		requirePositive("cooperative.jdbc.event-loop.stall-threshold", this.eventLoop.getStallThreshold(), "10ms");
		requirePositive("cooperative.jdbc.request-timeout", this.requestTimeout, "5s");
		requirePositive("cooperative.jdbc.cancel-grace", this.cancelGrace, "5s");
		requirePositive("cooperative.jdbc.health.down-after", this.health.getDownAfter(), "1m");
		PoolLimits.check(this);
		Integer instances = this.pool.getInstances();
		if (instances != null && instances < 1) {
			throw new InvalidConfigurationPropertyValueException("cooperative.jdbc.pool.instances", instances,
					"There must be at least one instance, or leave it unset.");
		}
		if (this.pool.getSurge() < 0) {
			throw new InvalidConfigurationPropertyValueException("cooperative.jdbc.pool.surge", this.pool.getSurge(),
					"It must not be negative.");
		}
		if (this.web.getShareHeader() != null) {
			this.web.requireShareHeader();
		}
	}

	static void requirePositive(String name, @Nullable Duration value, String example) {
		if (value != null && !value.isPositive()) {
			throw new InvalidConfigurationPropertyValueException(name, value,
					"It must be a positive duration, for example " + example + ".");
		}
	}

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

	public Duration getCancelGrace() {
		return this.cancelGrace;
	}

	public void setCancelGrace(Duration cancelGrace) {
		this.cancelGrace = cancelGrace;
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

	public Queue getAdmission() {
		return this.admission;
	}

	public Map<String, Queue> getPools() {
		return this.pools;
	}

	public Map<String, Bounds> getExecutors() {
		return this.executors;
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

	public ReadOnly getReadOnly() {
		return this.readOnly;
	}

	public Web getWeb() {
		return this.web;
	}

	public Clients getClients() {
		return this.clients;
	}

	public Health getHealth() {
		return this.health;
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
		 * Number of event loops that carry virtual threads. Defaults to the number of
		 * available processors, or to reactor.netty.ioWorkerCount if Reactor Netty's
		 * event loops are used.
		 */
		private @Nullable Integer threads;

		/**
		 * Time without progress after which another thread takes over an event loop.
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
	 * Properties of the queue in front of a pool.
	 */
	public static class Queue {

		/**
		 * Whether threads wait for a connection in the order of arrival, in front of the
		 * pool. Defaults to true unless the model is platform.
		 */
		private @Nullable Boolean enabled;

		/**
		 * Maximum number of threads that wait for a connection. Others are refused. Not
		 * limited by default.
		 */
		private @Nullable Integer maxWaiting;

		/**
		 * Maximum time that a thread may wait for a connection. Threads that would wait
		 * longer are refused at once. By default, the pool's connection timeout ends the
		 * wait.
		 */
		private @Nullable Duration maxWait;

		/**
		 * Number of connections that are reserved for threads that already hold one. By
		 * default, one is held back briefly while there are such threads.
		 */
		private @Nullable Integer reserve;

		private final Shares shares = new Shares();

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

		public Shares getShares() {
			return this.shares;
		}

	}

	/**
	 * Properties of how a pool is divided among keys.
	 */
	public static class Shares {

		/**
		 * Whether connections are divided among the keys of waiting threads, rather than
		 * given in the order of arrival. Defaults to true if a key has a weight,
		 * web.share-header is set, or there is a ShareKeyResolver bean.
		 */
		private @Nullable Boolean enabled;

		/**
		 * Weights of keys. A key of weight 2 gets twice as much as a key of weight 1.
		 */
		private final Map<String, Integer> weights = new LinkedHashMap<>();

		/**
		 * Weight of each key that has none of its own, and of all threads without a key
		 * together. Defaults to 1.
		 */
		private @Nullable Integer defaultWeight;

		public @Nullable Boolean getEnabled() {
			return this.enabled;
		}

		public void setEnabled(@Nullable Boolean enabled) {
			this.enabled = enabled;
		}

		public Map<String, Integer> getWeights() {
			return this.weights;
		}

		public @Nullable Integer getDefaultWeight() {
			return this.defaultWeight;
		}

		public void setDefaultWeight(@Nullable Integer defaultWeight) {
			this.defaultWeight = defaultWeight;
		}

	}

	/**
	 * Properties of something that runs a limited number of tasks or requests at once.
	 */
	public static class Bounds {

		/**
		 * Maximum number that run at once.
		 */
		private @Nullable Integer limit;

		/**
		 * Maximum number of others that wait. Further ones are refused. Not limited by
		 * default.
		 */
		private @Nullable Integer queueCapacity;

		public @Nullable Integer getLimit() {
			return this.limit;
		}

		public void setLimit(@Nullable Integer limit) {
			this.limit = limit;
		}

		public @Nullable Integer getQueueCapacity() {
			return this.queueCapacity;
		}

		public void setQueueCapacity(@Nullable Integer queueCapacity) {
			this.queueCapacity = queueCapacity;
		}

		int requireLimit(String prefix) {
			if (this.limit == null || this.limit < 1) {
				throw new InvalidConfigurationPropertyValueException(prefix + ".limit", this.limit,
						"It must be set, and at least 1.");
			}
			return this.limit;
		}

		int requireQueueCapacity(String prefix) {
			if (this.queueCapacity != null && this.queueCapacity < 0) {
				throw new InvalidConfigurationPropertyValueException(prefix + ".queue-capacity", this.queueCapacity,
						"It must not be negative; with 0 nothing waits.");
			}
			return (this.queueCapacity != null) ? this.queueCapacity : Integer.MAX_VALUE;
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
		 * Number of additional instances while a new version is rolled out, such as
		 * maxSurge of a Kubernetes deployment.
		 */
		private int surge;

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

		public int getSurge() {
			return this.surge;
		}

		public void setSurge(int surge) {
			this.surge = surge;
		}

		/**
		 * Return how many instances there are at most, or {@code null} if nobody says how
		 * many there are.
		 */
		@Nullable Integer atMost() {
			return (this.instances != null) ? this.instances + this.surge : null;
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
		 * Whether to measure how long connections are held, and for how much of that time
		 * the database does nothing for them.
		 */
		private boolean enabled = true;

		/**
		 * Time for which the database does nothing for a connection before the place is
		 * recorded where it is held.
		 */
		private Duration threshold = Duration.ofMillis(500);

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public Duration getThreshold() {
			return this.threshold;
		}

		public void setThreshold(Duration threshold) {
			this.threshold = threshold;
		}

	}

	/**
	 * Read-only transactions.
	 */
	public static class ReadOnly {

		/**
		 * How long to wait for the COMMIT of a read-only transaction that has only read.
		 */
		private ReadOnlyCommit commit = ReadOnlyCommit.STANDARD;

		/**
		 * When a read-only transaction begins in the server. Plain reads before that run
		 * on their own.
		 */
		private ReadOnlyBegin begin = ReadOnlyBegin.STANDARD;

		public ReadOnlyCommit getCommit() {
			return this.commit;
		}

		public void setCommit(ReadOnlyCommit commit) {
			this.commit = commit;
		}

		public ReadOnlyBegin getBegin() {
			return this.begin;
		}

		public void setBegin(ReadOnlyBegin begin) {
			this.begin = begin;
		}

		boolean isChanged() {
			return this.commit != ReadOnlyCommit.STANDARD || this.begin != ReadOnlyBegin.STANDARD;
		}

	}

	/**
	 * Web properties.
	 */
	public static class Web {

		/**
		 * Whether an HTTP request that is refused a connection is answered with 503 and
		 * Retry-After.
		 */
		private boolean overloadResponse = true;

		/**
		 * Name of the request header with the key, if a pool is divided among keys. Its
		 * senders must be trusted, because each key gets a share.
		 */
		private @Nullable String shareHeader;

		private final Bounds requests = new Bounds();

		public boolean isOverloadResponse() {
			return this.overloadResponse;
		}

		public void setOverloadResponse(boolean overloadResponse) {
			this.overloadResponse = overloadResponse;
		}

		public @Nullable String getShareHeader() {
			return this.shareHeader;
		}

		public void setShareHeader(@Nullable String shareHeader) {
			this.shareHeader = shareHeader;
		}

		String requireShareHeader() {
			if (this.shareHeader == null || this.shareHeader.isBlank()) {
				throw new InvalidConfigurationPropertyValueException("cooperative.jdbc.web.share-header",
						this.shareHeader, "It must be the name of a header, for example X-Tenant.");
			}
			return this.shareHeader;
		}

		public Bounds getRequests() {
			return this.requests;
		}

	}

	/**
	 * Properties of clients that are not database drivers.
	 */
	public static class Clients {

		/**
		 * Whether threads wait for HTTP as they do for the database, in the clients that
		 * Spring Boot creates with Apache HttpClient.
		 */
		private boolean apacheHttpClient = true;

		/**
		 * Whether threads wait for Redis as they do for the database, in the client that
		 * Spring Boot creates with Jedis.
		 */
		private boolean jedis = true;

		public boolean isApacheHttpClient() {
			return this.apacheHttpClient;
		}

		public void setApacheHttpClient(boolean apacheHttpClient) {
			this.apacheHttpClient = apacheHttpClient;
		}

		public boolean isJedis() {
			return this.jedis;
		}

		public void setJedis(boolean jedis) {
			this.jedis = jedis;
		}

	}

	/**
	 * Health properties.
	 */
	public static class Health {

		/**
		 * Time after which the application is down when an event loop is stuck, or when
		 * threads wait for a connection and nobody has been given one.
		 */
		private Duration downAfter = Duration.ofMinutes(1);

		public Duration getDownAfter() {
			return this.downAfter;
		}

		public void setDownAfter(Duration downAfter) {
			this.downAfter = downAfter;
		}

	}

}
