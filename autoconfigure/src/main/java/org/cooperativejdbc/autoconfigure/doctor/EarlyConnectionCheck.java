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
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.pool.ManagedPools;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.core.env.Environment;
import org.springframework.orm.jpa.AbstractEntityManagerFactoryBean;

/**
 * Looks for transactions that take a connection before their first statement. Hibernate
 * does so to switch auto-commit off, unless it is told that the pool has done that.
 *
 * @param environment the environment of the application
 * @param singletons its beans
 * @param pools its pools
 */
record EarlyConnectionCheck(Environment environment, Singletons singletons, ManagedPools pools) implements Check {

	private static final String DISABLES_AUTOCOMMIT = "hibernate.connection.provider_disables_autocommit";

	@Override
	public List<Finding> findings() {
		List<Finding> findings = new ArrayList<>();
		boolean lazy = "lazy".equalsIgnoreCase(this.environment.getProperty("spring.datasource.connection-fetch"));
		for (AbstractEntityManagerFactoryBean factory : this.singletons.of(AbstractEntityManagerFactoryBean.class)
			.values()) {
			HikariDataSource pool = pool(factory);
			if (pool == null) {
				continue;
			}
			boolean told = told(factory.getJpaPropertyMap());
			if (told && pool.isAutoCommit()) {
				findings.add(new Finding("auto-commit", DISABLES_AUTOCOMMIT + "=true, but the pool has not disabled it",
						"every statement is committed on its own, and a rollback undoes nothing",
						"Set spring.datasource.hikari.auto-commit=false"));
			}
			else if (!told && !lazy) {
				findings.add(new Finding("early-connection", "Hibernate takes a connection when a transaction begins",
						"it is held, and others wait for it, while nothing has been asked of the database yet",
						"Set spring.datasource.connection-fetch=lazy, or spring.datasource.hikari.auto-commit=false, "
								+ "of which Spring Boot tells Hibernate"));
			}
		}
		return findings;
	}

	private @Nullable HikariDataSource pool(AbstractEntityManagerFactoryBean factory) {
		DataSource dataSource = factory.getDataSource();
		HikariDataSource unwrapped = (dataSource != null)
				? DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class) : null;
		return this.pools.all()
			.stream()
			.map(ManagedPool::dataSource)
			.filter((pool) -> pool == unwrapped)
			.findAny()
			.orElse(null);
	}

	private static boolean told(Map<String, Object> properties) {
		return Boolean.parseBoolean(String.valueOf(properties.get(DISABLES_AUTOCOMMIT)));
	}

}
