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

package org.cooperativejdbc.autoconfigure.doctor;

import java.util.ArrayList;
import java.util.List;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcProperties;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.pool.FleetBudget;
import org.cooperativejdbc.pool.HikariVersion;
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.spring.Check;
import org.cooperativejdbc.spring.Doctor;
import org.cooperativejdbc.spring.Singletons;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.core.KotlinDetector;
import org.springframework.util.ClassUtils;

/**
 * All that is looked for in the set-up of an application. It is one bean, because each
 * takes about a millisecond of the start.
 *
 * @param properties the properties of the application
 * @param pools its pools
 * @param budget how many connections they may have
 * @param beanFactory its bean factory
 * @param applicationContext its context
 */
record SetupCheck(CooperativeJdbcProperties properties, ManagedPools pools, FleetBudget budget,
		ConfigurableListableBeanFactory beanFactory, ApplicationContext applicationContext) implements Check {

	private static final int MONITORS_PIN_BEFORE = 24;

	private static final String JPA = "org.springframework.orm.jpa.AbstractEntityManagerFactoryBean";

	private static final String WEB = "org.springframework.web.context.request.WebRequestInterceptor";

	@Override
	public List<Finding> findings() {
		return checks().stream().map(Doctor::look).flatMap(List::stream).toList();
	}

	private List<Check> checks() {
		PoolSettingNames names = new PoolSettingNames(this.applicationContext);
		List<Check> checks = new ArrayList<>();
		if (isPresent(JPA)) {
			checks.add(new AutoCommitCheck(new Singletons(this.beanFactory), this.pools, names));
			if (isPresent(WEB)) {
				checks.add(new OpenInViewCheck(this.beanFactory));
			}
		}
		checks.add(new JdkCheck(Runtime.version()));
		checks.add(LibraryCheck.hikari(HikariVersion.get()));
		if (Runtime.version().feature() < MONITORS_PIN_BEFORE) {
			checks.add(LibraryCheck.postgresql(PostgresqlDriver.version()));
		}
		checks.add(LibraryCheck.postgresqlWrites(PostgresqlDriver.version()));
		checks.add(new PostgresqlVulnerabilityCheck(PostgresqlDriver.version(), this::isSet));
		checks.add(new PipelineCheck(this.pools));
		checks.add(new PoolSizeCheck(this.budget, names));
		checks.add(new StatementPoolingCheck(this.pools, names));
		checks.add(new CancelKeyCheck(this.pools));
		if (this.properties.getInterrupt() == InterruptPolicy.CANCEL) {
			checks.add(new PoolerCancelCheck(this.pools));
		}
		if (this.properties.getRequestTimeout() == null) {
			checks.add(new SilentServerCheck(this.pools, names));
		}
		checks.add(new AsyncLimitCheck(this.beanFactory, this.pools));
		if (KotlinDetector.isKotlinPresent()) {
			checks.add(new SuspendTransactionCheck(this.beanFactory));
		}
		return checks;
	}

	private boolean isSet(String property, String value) {
		return this.pools.postgresql()
			.stream()
			.map(ManagedPool::dataSource)
			.anyMatch((pool) -> value.equalsIgnoreCase(
					PostgresqlDriver.configured(pool.getJdbcUrl(), pool.getDataSourceProperties(), property)));
	}

	private boolean isPresent(String className) {
		return ClassUtils.isPresent(className, this.beanFactory.getBeanClassLoader());
	}

}
