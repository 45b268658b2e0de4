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

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.PriorityOrdered;

/**
 * Checks that a shorter wait is inside a longer one: that for admission, that for a
 * connection, and the request. Otherwise the outer one ends first, and nobody learns what
 * the inner one would have said. What is unset gives way to what is set.
 */
class PoolTimeoutsBeanPostProcessor implements BeanPostProcessor, PriorityOrdered {

	private static final String MAX_WAIT = "cooperative.jdbc.admission.max-wait";

	private static final String RESERVE = "cooperative.jdbc.admission.reserve";

	private static final String REQUEST_TIMEOUT = "cooperative.jdbc.request-timeout";

	private static final Duration defaultConnectionTimeout = Duration.ofSeconds(30);

	private final ObjectProvider<CooperativeJdbcProperties> properties;

	private final ObjectProvider<CooperativeJdbc> cooperativeJdbc;

	PoolTimeoutsBeanPostProcessor(ObjectProvider<CooperativeJdbcProperties> properties,
			ObjectProvider<CooperativeJdbc> cooperativeJdbc) {
		this.properties = properties;
		this.cooperativeJdbc = cooperativeJdbc;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof HikariDataSource pool) {
			CooperativeJdbcProperties properties = this.properties.getObject();
			checkValues(properties);
			if (properties.getRequestTimeout() != null) {
				fit(pool, beanName, properties.getRequestTimeout(), properties.isTuning());
			}
			checkMaxWait(pool, beanName, properties.getAdmission().getMaxWait(), properties.getRequestTimeout());
			checkReserve(pool, beanName, properties.getAdmission().getReserve());
		}
		return bean;
	}

	private static void checkValues(CooperativeJdbcProperties properties) {
		checkPositive(REQUEST_TIMEOUT, properties.getRequestTimeout());
		checkPositive(MAX_WAIT, properties.getAdmission().getMaxWait());
		checkNotNegative("cooperative.jdbc.admission.max-waiting", properties.getAdmission().getMaxWaiting());
		checkNotNegative(RESERVE, properties.getAdmission().getReserve());
	}

	private static void checkPositive(String name, @Nullable Duration value) {
		if (value != null && !value.isPositive()) {
			throw new InvalidConfigurationPropertyValueException(name, value,
					"It must be a positive duration, for example 5s.");
		}
	}

	private static void checkNotNegative(String name, @Nullable Integer value) {
		if (value != null && value < 0) {
			throw new InvalidConfigurationPropertyValueException(name, value, "It must not be negative.");
		}
	}

	private void fit(HikariDataSource pool, String beanName, Duration requestTimeout, boolean tuning) {
		Duration connectionTimeout = Duration.ofMillis(pool.getConnectionTimeout());
		if (connectionTimeout.compareTo(requestTimeout) < 0) {
			return;
		}
		if (!connectionTimeout.equals(defaultConnectionTimeout)) {
			throw new InvalidConfigurationPropertyValueException(REQUEST_TIMEOUT, requestTimeout,
					"It must be longer than the 'connection-timeout' of the data source '" + beanName + "', which is "
							+ connectionTimeout.toMillis() + " ms.");
		}
		if (tuning) {
			long fitting = Math.max(250, requestTimeout.toMillis() * 3 / 4);
			pool.setConnectionTimeout(fitting);
			this.cooperativeJdbc.getObject()
				.tuned(new Tuning(beanName, "connectionTimeout", Long.toString(fitting),
						"a request must not end before its wait for a connection"));
		}
	}

	private static void checkMaxWait(HikariDataSource pool, String beanName, @Nullable Duration maxWait,
			@Nullable Duration requestTimeout) {
		if (maxWait == null) {
			return;
		}
		if (maxWait.toMillis() >= pool.getConnectionTimeout()) {
			throw new InvalidConfigurationPropertyValueException(MAX_WAIT, maxWait,
					"It must be shorter than the 'connection-timeout' of the data source '" + beanName + "', which is "
							+ pool.getConnectionTimeout() + " ms.");
		}
		if (requestTimeout != null && maxWait.compareTo(requestTimeout) >= 0) {
			throw new InvalidConfigurationPropertyValueException(MAX_WAIT, maxWait, "It must be shorter than '"
					+ REQUEST_TIMEOUT + "', which is " + requestTimeout.toMillis() + " ms.");
		}
	}

	private static void checkReserve(HikariDataSource pool, String beanName, @Nullable Integer reserve) {
		int size = pool.getMaximumPoolSize();
		if (reserve != null && size > 0 && reserve >= size) {
			throw new InvalidConfigurationPropertyValueException(RESERVE, reserve,
					"It must be less than the 'maximum-pool-size' of the data source '" + beanName + "', which is "
							+ size + ".");
		}
	}

	@Override
	public int getOrder() {
		return HikariDataSourceBeanPostProcessor.ORDER - 1;
	}

}
