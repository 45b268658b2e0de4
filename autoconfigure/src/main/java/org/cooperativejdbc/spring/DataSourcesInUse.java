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

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.driver.DriverSupports;
import org.cooperativejdbc.pool.ConnectionSources;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.CooperativePools;
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.pool.ManagedPools;
import org.hibernate.engine.jdbc.connections.spi.AbstractDataSourceBasedMultiTenantConnectionProviderImpl;
import org.hibernate.engine.jdbc.connections.spi.AbstractMultiTenantConnectionProvider;
import org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.target.AbstractBeanFactoryBasedTargetSource;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.jdbc.support.JdbcAccessor;
import org.springframework.orm.jpa.AbstractEntityManagerFactoryBean;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.hibernate.HibernateTransactionManager;
import org.springframework.util.ClassUtils;

/**
 * Looks at the end of startup for pools that transaction managers, {@code JdbcTemplate}s
 * and entity manager factories use, but that are not cooperative because they are not
 * beans: they come from a factory bean, were looked up, or were replaced by a test
 * library.
 *
 * @since 0.1.0
 */
public final class DataSourcesInUse implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final CooperativeJdbc cooperativeJdbc;

	private final ManagedPools pools;

	private final DriverSupports drivers;

	private final Consumer<Finding> found;

	/**
	 * Create a look at the data sources.
	 * @param beanFactory the bean factory of the application
	 * @param cooperativeJdbc knows the data sources that have been dealt with
	 * @param pools the pools that are cooperative
	 * @param drivers the drivers that are supported
	 * @param found takes what is found, and may throw what startup is to fail with
	 */
	public DataSourcesInUse(ConfigurableListableBeanFactory beanFactory, CooperativeJdbc cooperativeJdbc,
			ManagedPools pools, DriverSupports drivers, Consumer<Finding> found) {
		this.beanFactory = beanFactory;
		this.cooperativeJdbc = cooperativeJdbc;
		this.pools = pools;
		this.drivers = drivers;
		this.found = found;
	}

	@Override
	public void afterSingletonsInstantiated() {
		Map<HikariDataSource, String> pools = new IdentityHashMap<>();
		try {
			used().forEach((user, dataSource) -> add(pools, dataSource, user));
			pools.keySet().removeAll(dealtWith());
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Unable to look at the data sources in use", ex);
			return;
		}
		unknownTenants().forEach(this.found);
		pools.forEach((pool, user) -> this.found.accept(new Finding("uncooperative-data-source",
				"'" + user + "' uses the pool '" + pool.getPoolName() + "', which is not cooperative",
				"nothing was installed in it, because it is no bean that Spring created before it started",
				"Define the pool as a bean of type HikariDataSource, created by DataSourceBuilder or with setters")));
	}

	private Map<String, DataSource> used() {
		Map<String, DataSource> used = new LinkedHashMap<>();
		Singletons singletons = new Singletons(this.beanFactory);
		singletons.of(DataSourceTransactionManager.class)
			.forEach((name, manager) -> put(used, name, manager.getDataSource()));
		if (isPresent("org.springframework.orm.jpa.EntityManagerFactoryInfo")
				&& isPresent("jakarta.persistence.EntityManagerFactory")) {
			Orm.add(used, singletons);
			if (isPresent("org.hibernate.SessionFactory")) {
				Hibernate.add(used, singletons);
			}
		}
		singletons.of(JdbcAccessor.class).forEach((name, accessor) -> put(used, name, accessor.getDataSource()));
		return used;
	}

	/**
	 * Hibernate asks a provider of the application for the connections of a tenant, which
	 * may create a pool then. So look whether it could create cooperative ones: whether
	 * somebody has asked for what makes them, or there are several.
	 */
	private List<Finding> unknownTenants() {
		List<Finding> unknown = new ArrayList<>();
		try {
			Singletons singletons = new Singletons(this.beanFactory);
			if (isHibernatePresent() && this.pools.all().stream().filter(ManagedPool::isInstalled).count() == 1
					&& singletons.of(CooperativePools.class).isEmpty()) {
				Hibernate.tenants(singletons)
					.forEach((name, provider) -> unknown.add(new Finding("uncooperative-data-source",
							"'" + name + "' takes the connections of tenants from " + provider.getName()
									+ ", whose pools are not known to be cooperative",
							"nothing is installed in pools that are no beans",
							"Make the pools of tenants with the bean of type " + CooperativePools.class.getName())));
			}
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Unable to look at the data sources of tenants", ex);
		}
		return unknown;
	}

	private static boolean isHibernatePresent() {
		return isPresent("org.springframework.orm.jpa.EntityManagerFactoryInfo")
				&& isPresent("jakarta.persistence.EntityManagerFactory") && isPresent("org.hibernate.SessionFactory");
	}

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, DataSourcesInUse.class.getClassLoader());
	}

	private static void put(Map<String, DataSource> used, String name, @Nullable DataSource dataSource) {
		if (dataSource != null) {
			used.put(BeanFactoryUtils.transformedBeanName(name), dataSource);
		}
	}

	private void add(Map<HikariDataSource, String> pools, @Nullable DataSource dataSource, String user) {
		if (dataSource == null || isProxyOfScope(dataSource)) {
			return;
		}
		AbstractRoutingDataSource router = DataSourceUnwrapper.unwrap(dataSource, AbstractRoutingDataSource.class);
		if (router != null) {
			router.getResolvedDataSources().values().forEach((target) -> add(pools, target, user));
			add(pools, router.getResolvedDefaultDataSource(), user);
			return;
		}
		HikariDataSource pool = pool(dataSource);
		if (pool != null && pool.getDataSource() == null && !(pool instanceof CooperativeDataSource)
				&& this.drivers.find(ConnectionSources.of(user, pool)) != null) {
			pools.putIfAbsent(pool, user);
		}
	}

	/**
	 * Return whether it stands for a bean that may be another one each time, which Spring
	 * creates.
	 */
	private static boolean isProxyOfScope(DataSource dataSource) {
		return dataSource instanceof Advised advised
				&& advised.getTargetSource() instanceof AbstractBeanFactoryBasedTargetSource;
	}

	private static @Nullable HikariDataSource pool(DataSource dataSource) {
		return DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
	}

	/**
	 * Return the pools of which it is known why they are cooperative or not.
	 */
	private Set<HikariDataSource> dealtWith() {
		Set<HikariDataSource> pools = Collections.newSetFromMap(new IdentityHashMap<>());
		Set<String> names = this.cooperativeJdbc.dataSources().keySet();
		this.pools.all().forEach((pool) -> {
			pools.add(pool.dataSource());
			names.remove(pool.name());
		});
		new Singletons(this.beanFactory).of(DataSource.class).forEach((name, dataSource) -> {
			HikariDataSource pool = names.contains(name) ? pool(dataSource) : null;
			if (pool != null) {
				pools.add(pool);
			}
		});
		return pools;
	}

	private static final class Orm {

		static void add(Map<String, DataSource> used, Singletons singletons) {
			singletons.of(JpaTransactionManager.class)
				.forEach((name, manager) -> put(used, name, manager.getDataSource()));
			singletons.of(EntityManagerFactoryInfo.class)
				.forEach((name, factory) -> put(used, name, factory.getDataSource()));
		}

	}

	private static final class Hibernate {

		static void add(Map<String, DataSource> used, Singletons singletons) {
			singletons.of(HibernateTransactionManager.class)
				.forEach((name, manager) -> put(used, name, manager.getDataSource()));
		}

		/**
		 * Return the classes of the providers that select a pool by its tenant. A factory
		 * that is built in the background is left alone.
		 */
		static Map<String, Class<?>> tenants(Singletons singletons) {
			Map<String, Class<?>> tenants = new LinkedHashMap<>();
			singletons.of(AbstractEntityManagerFactoryBean.class).forEach((name, factory) -> {
				if (factory.getBootstrapExecutor() == null
						&& factory.getNativeEntityManagerFactory() instanceof SessionFactoryImplementor sessions
						&& sessions.getSessionFactoryOptions().isMultiTenancyEnabled()) {
					Object provider = sessions.getServiceRegistry().getService(MultiTenantConnectionProvider.class);
					if (provider instanceof AbstractDataSourceBasedMultiTenantConnectionProviderImpl
							|| provider instanceof AbstractMultiTenantConnectionProvider) {
						tenants.put(BeanFactoryUtils.transformedBeanName(name), provider.getClass());
					}
				}
			});
			return tenants;
		}

	}

}
