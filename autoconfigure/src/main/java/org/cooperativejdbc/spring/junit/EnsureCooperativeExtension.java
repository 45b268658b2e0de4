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

package org.cooperativejdbc.spring.junit;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import javax.sql.DataSource;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.Observed;
import org.cooperativejdbc.junit.CooperativeJdbcExtension;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.spring.EventLoopGuard;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

import org.springframework.context.ApplicationContext;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * Watches the application context of a test. It may be registered before Spring's
 * extension or after it.
 */
class EnsureCooperativeExtension implements BeforeEachCallback, AfterTestExecutionCallback {

	@Override
	public void beforeEach(ExtensionContext context) {
		EnsureCooperative limits = annotation(context);
		CooperativeJdbcExtension extension = CooperativeJdbcExtension
			.of(observed(SpringExtension.getApplicationContext(context)))
			.withMaxIdleHold(Duration.ofMillis(limits.maxIdleHoldMillis()))
			.withMaxPinned(Duration.ofMillis(limits.maxPinnedMillis()))
			.withMaxBlocked(Duration.ofMillis(limits.maxBlockedMillis()));
		store(context).put(CooperativeJdbcExtension.class, extension);
		extension.beforeEach(context);
	}

	@Override
	public void afterTestExecution(ExtensionContext context) {
		CooperativeJdbcExtension extension = store(context).get(CooperativeJdbcExtension.class,
				CooperativeJdbcExtension.class);
		if (extension != null) {
			extension.afterTestExecution(context);
		}
	}

	/**
	 * Return the annotation of the method, or of the nearest class around it.
	 */
	private static EnsureCooperative annotation(ExtensionContext context) {
		for (Optional<ExtensionContext> at = Optional.of(context); at.isPresent(); at = at.get().getParent()) {
			Optional<EnsureCooperative> found = AnnotationSupport.findAnnotation(at.get().getElement(),
					EnsureCooperative.class);
			if (found.isPresent()) {
				return found.get();
			}
		}
		throw new ExtensionConfigurationException("The test is not annotated with @EnsureCooperative");
	}

	private static Observed observed(ApplicationContext context) {
		CooperativeJdbc description = bean(context, CooperativeJdbc.class);
		if (description == null) {
			throw nothingToCheck("Cooperative JDBC is switched off, or no part of this test slice",
					"Remove '@EnsureCooperative' or 'cooperative.jdbc.enabled=false'");
		}
		if (description.model() == ConcurrencyModel.PLATFORM) {
			throw nothingToCheck("the concurrency model is 'platform' (" + description.reason() + ")",
					"Remove '@EnsureCooperative', or set 'spring.threads.virtual.enabled=true'");
		}
		EventLoopGuard guard = bean(context, EventLoopGuard.class);
		ManagedPools pools = bean(context, ManagedPools.class);
		List<DataSource> dataSources = context.getBeanProvider(DataSource.class).stream().toList();
		if (guard == null || pools == null || (pools.all().isEmpty() && !dataSources.isEmpty()
				&& dataSources.stream().noneMatch(EnsureCooperativeExtension::isCooperative))) {
			throw nothingToCheck("no pool of this test is cooperative",
					"'@AutoConfigureTestDatabase(replace = Replace.NONE)' keeps the pool of the application");
		}
		HoldTimes holdTimes = bean(context, HoldTimes.class);
		if (holdTimes == null) {
			throw nothingToCheck("it is not noted who holds connections",
					"Remove 'cooperative.jdbc.hold-time.enabled=false'");
		}
		return new Observed(description, holdTimes, guard.calls(), bean(context, EventLoops.class));
	}

	/**
	 * Return whether a data source is a cooperative pool, which may have been created too
	 * late to be one of the managed.
	 */
	private static boolean isCooperative(DataSource dataSource) {
		try {
			return dataSource.isWrapperFor(CooperativeDataSource.class);
		}
		catch (SQLException ex) {
			return false;
		}
	}

	private static <T> @Nullable T bean(ApplicationContext context, Class<T> type) {
		return context.getBeanProvider(type).getIfAvailable();
	}

	private static ExtensionConfigurationException nothingToCheck(String reason, String remedy) {
		return new ExtensionConfigurationException("There is nothing to check: " + reason + ". " + remedy + ".");
	}

	private static ExtensionContext.Store store(ExtensionContext context) {
		return context.getStore(ExtensionContext.Namespace.create(EnsureCooperativeExtension.class));
	}

}
