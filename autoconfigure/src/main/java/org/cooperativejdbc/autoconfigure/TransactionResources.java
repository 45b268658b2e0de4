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

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.Session;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * What the transactions of a transaction manager run on. It is asked for when a
 * transaction begins, because {@code JpaTransactionManager} learns its data source when
 * it is initialized.
 */
class TransactionResources {

	private static final boolean jpaPresent = isPresent("org.springframework.orm.jpa.JpaTransactionManager");

	private static final boolean hibernatePresent = isPresent(
			"org.hibernate.engine.spi.SharedSessionContractImplementor");

	private final TransactionManager transactionManager;

	TransactionResources(TransactionManager transactionManager) {
		this.transactionManager = transactionManager;
	}

	@Nullable DataSource dataSource() {
		if (this.transactionManager instanceof DataSourceTransactionManager manager) {
			return manager.getDataSource();
		}
		return jpaPresent ? Jpa.dataSource(this.transactionManager) : null;
	}

	@Nullable HikariDataSource pool() {
		DataSource dataSource = dataSource();
		return (dataSource != null)
				? DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class) : null;
	}

	/**
	 * Return the connection of the transaction that has begun on the current thread, if
	 * its completion will be told.
	 */
	@Nullable ConnectionHolder connection() {
		DataSource dataSource = dataSource();
		return (dataSource != null && TransactionSynchronizationManager.isSynchronizationActive()
				&& TransactionSynchronizationManager.getResource(dataSource) instanceof ConnectionHolder holder)
						? holder : null;
	}

	/**
	 * Return whether the transaction that is about to begin needs no other connection,
	 * because a session that was opened earlier, like that of a request with Open Session
	 * in View, has kept one.
	 */
	boolean hasConnection() {
		return jpaPresent && hibernatePresent && Hibernate.hasConnection(Jpa.entityManagers(this.transactionManager));
	}

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, TransactionResources.class.getClassLoader());
	}

	private static final class Jpa {

		static @Nullable DataSource dataSource(TransactionManager transactionManager) {
			return (transactionManager instanceof JpaTransactionManager manager) ? manager.getDataSource() : null;
		}

		static @Nullable Object entityManagers(TransactionManager transactionManager) {
			EntityManagerFactory factory = (transactionManager instanceof JpaTransactionManager manager)
					? manager.getEntityManagerFactory() : null;
			return (factory != null) ? TransactionSynchronizationManager.getResource(factory) : null;
		}

	}

	private static final class Hibernate {

		static boolean hasConnection(@Nullable Object resource) {
			return resource instanceof EntityManagerHolder holder
					&& holder.getEntityManager() instanceof Session session
					&& session.unwrap(SharedSessionContractImplementor.class)
						.getJdbcCoordinator()
						.getLogicalConnection()
						.isPhysicallyConnected();
		}

	}

}
