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

import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.autoconfigure.JndiDataSourceAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Puts a {@link CooperativeDataSource} in the place of each {@link HikariDataSource}
 * before it starts, after its properties have been bound and its connection details
 * applied. Spring destroys the bean that it has created, so the one in its place is
 * closed here.
 */
class HikariDataSourceBeanPostProcessor
		implements DestructionAwareBeanPostProcessor, PriorityOrdered, ApplicationContextAware {

	private static final String INSTEAD_OF_JNDI = "Set 'spring.datasource.url' instead of 'spring.datasource.jndi-name'";

	static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 3;

	private final ObjectProvider<PoolInstaller> installer;

	private final Map<HikariDataSource, CooperativeDataSource> replacements = Collections
		.synchronizedMap(new WeakHashMap<>());

	private @Nullable ApplicationContext applicationContext;

	HikariDataSourceBeanPostProcessor(ObjectProvider<PoolInstaller> installer) {
		this.installer = installer;
	}

	@Override
	public void setApplicationContext(ApplicationContext applicationContext) {
		this.applicationContext = applicationContext;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof HikariDataSource pool) {
			return (bean instanceof CooperativeDataSource cooperative && !cooperative.isDerived()) ? bean
					: process(pool, beanName);
		}
		if (bean instanceof DataSource dataSource && !(bean instanceof DelegatingDataSource)
				&& !(bean instanceof AbstractRoutingDataSource)) {
			process(dataSource, beanName);
		}
		return bean;
	}

	private void process(DataSource dataSource, String beanName) {
		HikariDataSource pool = proxiedPool(dataSource);
		if (pool == null) {
			this.installer.getObject()
				.leave(beanName, "not a HikariCP pool",
						isLookedUp(beanName) ? INSTEAD_OF_JNDI + "." : "Use HikariCP for the data source.");
		}
		else if (!(pool instanceof CooperativeDataSource)) {
			this.installer.getObject()
				.keep(beanName, pool,
						"a " + dataSource.getClass().getName() + " around the pool '" + pool.getPoolName()
								+ "', which is no bean",
						"Define the pool as a bean of type HikariDataSource, and the one around it as another");
		}
	}

	private static @Nullable HikariDataSource proxiedPool(DataSource dataSource) {
		try {
			return dataSource.isWrapperFor(HikariDataSource.class) ? dataSource.unwrap(HikariDataSource.class) : null;
		}
		catch (SQLException | RuntimeException | LinkageError ex) {
			return null;
		}
	}

	private HikariDataSource process(HikariDataSource pool, String beanName) {
		CooperativeDataSource replacement = this.replacements.get(pool);
		if (replacement != null) {
			return replacement;
		}
		PoolInstaller installer = this.installer.getObject();
		if (isLookedUp(beanName)) {
			installer.keep(beanName, pool, "looked up in JNDI, where it belongs to others, and kept", INSTEAD_OF_JNDI);
			return pool;
		}
		if (pool.isRunning() || pool.isClosed()) {
			installer.keep(beanName, pool, "started too early, socket factory not installed",
					"Create the pool with 'new HikariDataSource()' and setters, or with DataSourceBuilder, "
							+ "so that it starts with its first connection; 'new HikariDataSource(config)' starts at once");
			return pool;
		}
		if (pool.getClass() != HikariDataSource.class && pool.getClass() != CooperativeDataSource.class) {
			installer.keep(beanName, pool, "pool of the class " + pool.getClass().getName() + " kept",
					"Use HikariDataSource itself");
			return pool;
		}
		replacement = installer.install(beanName, pool, isSizeUnset(pool, beanName));
		this.replacements.put(pool, replacement);
		return replacement;
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

	@Override
	public boolean requiresDestruction(Object bean) {
		return bean instanceof HikariDataSource pool && this.replacements.containsKey(pool);
	}

	@Override
	public void postProcessBeforeDestruction(Object bean, String beanName) {
		CooperativeDataSource replacement = (bean instanceof HikariDataSource pool) ? this.replacements.remove(pool)
				: null;
		if (replacement != null && isClosedBySpring(beanName)) {
			replacement.close();
		}
	}

	/**
	 * A bean whose definition has an empty destroy method is closed by the user.
	 */
	private boolean isClosedBySpring(String beanName) {
		return !(definition(beanName) instanceof RootBeanDefinition definition
				&& "".equals(definition.getDestroyMethodName()));
	}

	/**
	 * Return whether Spring Boot has found the bean in JNDI. Others may use it, too, and
	 * whoever has put it there closes it.
	 */
	private boolean isLookedUp(String beanName) {
		BeanDefinition definition = definition(beanName);
		return definition != null
				&& JndiDataSourceAutoConfiguration.class.getName().equals(definition.getFactoryBeanName());
	}

	private @Nullable BeanDefinition definition(String beanName) {
		return (this.applicationContext instanceof ConfigurableApplicationContext context
				&& context.getBeanFactory().containsBeanDefinition(beanName))
						? context.getBeanFactory().getMergedBeanDefinition(beanName) : null;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

}
