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

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.spring.Check;
import org.cooperativejdbc.spring.Singletons;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.orm.jpa.AbstractEntityManagerFactoryBean;

/**
 * Looks for a Hibernate that was told that the pool has disabled auto-commit, and a pool
 * that has not.
 *
 * @param singletons the beans of the application
 * @param pools its pools
 * @param names the names of their settings
 */
record AutoCommitCheck(Singletons singletons, ManagedPools pools, PoolSettingNames names) implements Check {

	private static final String DISABLES_AUTOCOMMIT = "hibernate.connection.provider_disables_autocommit";

	@Override
	public List<Finding> findings() {
		return this.singletons.of(AbstractEntityManagerFactoryBean.class)
			.values()
			.stream()
			.filter((factory) -> told(factory.getJpaPropertyMap()))
			.flatMap((factory) -> autoCommitting(factory.getDataSource()))
			.distinct()
			.map((pool) -> new Finding("auto-commit", DISABLES_AUTOCOMMIT + "=true, but the pool has not disabled it",
					"every statement is committed on its own, and a rollback undoes nothing",
					"Set " + this.names.name(pool, "auto-commit") + " to false"))
			.toList();
	}

	private Stream<ManagedPool> autoCommitting(@Nullable DataSource dataSource) {
		HikariDataSource unwrapped = (dataSource != null)
				? DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class) : null;
		return this.pools.all()
			.stream()
			.filter((pool) -> pool.dataSource() == unwrapped && pool.dataSource().isAutoCommit());
	}

	private static boolean told(Map<String, Object> properties) {
		return Boolean.parseBoolean(String.valueOf(properties.get(DISABLES_AUTOCOMMIT)));
	}

}
