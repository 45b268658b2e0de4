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
import java.util.Map;

import com.zaxxer.hikari.HikariConfig;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcProperties.Queue;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcProperties.Shares;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.pool.QueueShares;
import org.cooperativejdbc.spring.ShareKeys;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What the queue of a pool is held to: what is set for the pool by its name, else for all
 * of them. A value that does not fit a pool is refused if it was set for that pool, and
 * otherwise made to fit.
 */
final class PoolLimits {

	private static final String DEFAULTS = "cooperative.jdbc.admission";

	private static final Log logger = LogFactory.getLog(PoolLimits.class);

	private final CooperativeJdbc cooperativeJdbc;

	private final CooperativeJdbcProperties properties;

	private final String pool;

	private final @Nullable Queue own;

	private final ShareKeys shareKeys;

	PoolLimits(CooperativeJdbc cooperativeJdbc, CooperativeJdbcProperties properties, ShareKeys shareKeys,
			String pool) {
		this.cooperativeJdbc = cooperativeJdbc;
		this.properties = properties;
		this.shareKeys = shareKeys;
		this.pool = pool;
		this.own = properties.getPools().get(pool);
	}

	/**
	 * Check what holds for any pool.
	 */
	static void check(CooperativeJdbcProperties properties) {
		check(DEFAULTS, properties.getAdmission());
		properties.getPools().forEach((name, pool) -> check(prefix(name), pool));
	}

	private static void check(String prefix, Queue queue) {
		CooperativeJdbcProperties.requirePositive(prefix + ".max-wait", queue.getMaxWait(), "5s");
		checkNotNegative(prefix + ".max-waiting", queue.getMaxWaiting());
		checkNotNegative(prefix + ".reserve", queue.getReserve());
		Shares shares = queue.getShares();
		shares.getWeights().forEach((key, weight) -> checkWeight(prefix + ".shares.weights." + key, weight));
		if (shares.getDefaultWeight() != null) {
			checkWeight(prefix + ".shares.default-weight", shares.getDefaultWeight());
		}
	}

	private static void checkWeight(String name, @Nullable Integer value) {
		if (value == null || value < 1) {
			throw new InvalidConfigurationPropertyValueException(name, value,
					"It must be at least 1; give the other keys more instead.");
		}
	}

	private static void checkNotNegative(String name, @Nullable Integer value) {
		if (value != null && value < 0) {
			throw new InvalidConfigurationPropertyValueException(name, value, "It must not be negative.");
		}
	}

	private static String prefix(String pool) {
		return "cooperative.jdbc.pools." + pool;
	}

	/**
	 * Return the limits of a pool that has not started.
	 * @param enabled whether a pool has a queue if nothing else is set
	 * @return the limits, or {@code null} if it has no queue
	 */
	@Nullable QueueLimits of(HikariConfig config, boolean enabled) {
		Boolean own = (this.own != null) ? this.own.getEnabled() : null;
		Boolean all = this.properties.getAdmission().getEnabled();
		if (!((own != null) ? own : (all != null) ? all : enabled)) {
			return null;
		}
		return new QueueLimits(maxWait(config.getConnectionTimeout()), maxWaiting(),
				reserve(config.getMaximumPoolSize()), shares());
	}

	private @Nullable QueueShares shares() {
		Shares all = this.properties.getAdmission().getShares();
		Shares own = (this.own != null) ? this.own.getShares() : all;
		Map<String, Integer> weights = own.getWeights().isEmpty() ? all.getWeights() : own.getWeights();
		Boolean enabled = (own.getEnabled() != null) ? own.getEnabled() : all.getEnabled();
		if (!((enabled != null) ? enabled : hasKeys(weights))) {
			return null;
		}
		Integer defaultWeight = (own.getDefaultWeight() != null) ? own.getDefaultWeight() : all.getDefaultWeight();
		return new QueueShares(weights, (defaultWeight != null) ? defaultWeight : 1, this.shareKeys::resolve);
	}

	private boolean hasKeys(Map<String, Integer> weights) {
		return !weights.isEmpty() || this.properties.getWeb().getShareHeader() != null || this.shareKeys.hasResolvers();
	}

	private @Nullable Duration maxWait(long connectionTimeout) {
		Duration own = (this.own != null) ? this.own.getMaxWait() : null;
		Duration maxWait = (own != null) ? own : this.properties.getAdmission().getMaxWait();
		if (maxWait == null || maxWait.toMillis() < connectionTimeout) {
			return maxWait;
		}
		if (own != null) {
			throw new InvalidConfigurationPropertyValueException(prefix(this.pool) + ".max-wait", own,
					"It must be shorter than the 'connection-timeout' of the data source '" + this.pool + "', which is "
							+ connectionTimeout + " ms.");
		}
		return clamped("max-wait", Duration.ofMillis(connectionTimeout * 5 / 6), "its connection-timeout is "
				+ connectionTimeout + " ms, " + DEFAULTS + ".max-wait " + maxWait.toMillis() + " ms");
	}

	private @Nullable Integer maxWaiting() {
		Integer own = (this.own != null) ? this.own.getMaxWaiting() : null;
		return (own != null) ? own : this.properties.getAdmission().getMaxWaiting();
	}

	private @Nullable Integer reserve(int size) {
		Integer own = (this.own != null) ? this.own.getReserve() : null;
		Integer reserve = (own != null) ? own : this.properties.getAdmission().getReserve();
		if (reserve == null || reserve < size) {
			return reserve;
		}
		if (own != null) {
			throw new InvalidConfigurationPropertyValueException(prefix(this.pool) + ".reserve", own,
					"It must be less than the 'maximum-pool-size' of the data source '" + this.pool + "', which is "
							+ size + ".");
		}
		return clamped("reserve", size - 1,
				"its maximum-pool-size is " + size + ", " + DEFAULTS + ".reserve " + reserve);
	}

	private <T> T clamped(String setting, T value, String reason) {
		Tuning tuning = new Tuning(this.pool, setting,
				(value instanceof Duration duration) ? duration.toMillis() + "ms" : String.valueOf(value), reason);
		this.cooperativeJdbc.tuned(tuning);
		logger.info(tuning);
		return value;
	}

}
