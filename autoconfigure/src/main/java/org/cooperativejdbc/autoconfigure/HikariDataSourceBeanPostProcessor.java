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

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.pool.HikariTuning;
import org.cooperativejdbc.pool.ManagedPools;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.DatabaseDriver;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Installs the socket factory into each {@link HikariDataSource} before it starts, after
 * its properties have been bound and its connection details applied.
 */
class HikariDataSourceBeanPostProcessor implements BeanPostProcessor, PriorityOrdered, ApplicationContextAware {

	static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 3;

	private final ObjectProvider<CooperativeJdbc> cooperativeJdbc;

	private final ObjectProvider<CooperativeJdbcProperties> properties;

	private final ObjectProvider<CooperativeSockets> sockets;

	private final ObjectProvider<ManagedPools> pools;

	private @Nullable ApplicationContext applicationContext;

	HikariDataSourceBeanPostProcessor(ObjectProvider<CooperativeJdbc> cooperativeJdbc,
			ObjectProvider<CooperativeJdbcProperties> properties, ObjectProvider<CooperativeSockets> sockets,
			ObjectProvider<ManagedPools> pools) {
		this.cooperativeJdbc = cooperativeJdbc;
		this.properties = properties;
		this.sockets = sockets;
		this.pools = pools;
	}

	@Override
	public void setApplicationContext(ApplicationContext applicationContext) {
		this.applicationContext = applicationContext;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof HikariDataSource pool) {
			process(pool, beanName);
		}
		else if (bean instanceof DataSource && !(bean instanceof DelegatingDataSource)
				&& !(bean instanceof AbstractRoutingDataSource)) {
			leave(beanName, "not a HikariCP pool", "Use HikariCP for the data source.");
		}
		return bean;
	}

	private void process(HikariDataSource pool, String beanName) {
		String url = pool.getJdbcUrl();
		if (pool.isRunning() || pool.isClosed()) {
			find(PostgresqlDriver.accepts(url, pool.getDataSourceClassName()), beanName,
					"started too early, socket factory not installed",
					"Create the pool with 'new HikariDataSource()' and setters, or with DataSourceBuilder, "
							+ "so that it starts with its first connection; 'new HikariDataSource(config)' starts at once");
		}
		else if (pool.getDataSource() != null || !PostgresqlDriver.accepts(url, pool.getDataSourceClassName())) {
			leave(beanName, product(pool) + " has no socket factory to install",
					"Use PostgreSQL with 'spring.datasource.url', or remove 'cooperative.jdbc.required'.");
		}
		else {
			String configured = PostgresqlDriver.configured(url, pool.getDataSourceProperties(),
					PostgresqlDriver.SOCKET_FACTORY);
			if (configured != null) {
				find(true, beanName, "socket factory " + configured + " kept",
						"Remove 'socketFactory' from the URL or the properties of the data source");
			}
			else {
				install(pool, beanName);
			}
		}
	}

	private void install(HikariDataSource pool, String beanName) {
		PostgresqlDriver.install(pool.getDataSourceProperties(), this.sockets.getObject().key());
		CooperativeJdbcProperties properties = this.properties.getObject();
		boolean cancel = properties.getInterrupt() == InterruptPolicy.CANCEL;
		boolean deferred = (cancel || properties.isDetectSharedConnections()) && !installDriver(pool) && cancel;
		CooperativeJdbc cooperativeJdbc = this.cooperativeJdbc.getObject();
		if (properties.isTuning()) {
			HikariTuning.apply(pool, cooperativeJdbc.model())
				.forEach((setting) -> cooperativeJdbc.tuned(setting.on(beanName)));
		}
		cooperativeJdbc.dataSource(beanName, "PostgreSQL socket factory installed"
				+ (deferred ? ", interrupts deferred because the driver class is another one" : ""));
		this.pools.getObject().add(beanName, pool, isSizeUnset(pool, beanName));
	}

	private static boolean installDriver(HikariDataSource pool) {
		String driver = (pool.getDataSourceClassName() == null)
				? PostgresqlDriver.cancellingDriver(pool.getJdbcUrl(), pool.getDriverClassName()) : null;
		if (driver != null) {
			pool.setDriverClassName(driver);
		}
		return driver != null;
	}

	/**
	 * HikariCP has a default size from the beginning, so ask the properties that Spring
	 * Boot has bound to the pool. The size of any other pool counts as set.
	 */
	private boolean isSizeUnset(HikariDataSource pool, String beanName) {
		ApplicationContext context = this.applicationContext;
		ConfigurationPropertiesBean bean = (context != null) ? ConfigurationPropertiesBean.get(context, pool, beanName)
				: null;
		return context != null && bean != null
				&& !Binder.get(context.getEnvironment())
					.bind(bean.getAnnotation().prefix() + ".maximum-pool-size", Integer.class)
					.isBound();
	}

	private void find(boolean postgresql, String beanName, String outcome, String remedy) {
		leave(beanName, outcome, remedy + ".");
		if (postgresql) {
			this.cooperativeJdbc.getObject()
				.found(new Finding("socket-factory", beanName + ": " + outcome,
						"an interrupt closes its connections, and its waits are not those of the concurrency model",
						remedy));
		}
	}

	private void leave(String beanName, String outcome, String remedy) {
		if (this.properties.getObject().isRequired()) {
			throw new UncooperativeDataSourceException(beanName, outcome, remedy);
		}
		this.cooperativeJdbc.getObject().dataSource(beanName, outcome);
	}

	private static String product(HikariDataSource pool) {
		if (pool.getDataSource() != null) {
			return pool.getDataSource().getClass().getName();
		}
		if (pool.getDataSourceClassName() != null) {
			return pool.getDataSourceClassName();
		}
		DatabaseDriver driver = DatabaseDriver.fromJdbcUrl(pool.getJdbcUrl());
		return (driver != DatabaseDriver.UNKNOWN) ? driver.getId() : "the driver";
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

}
