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

import org.cooperativejdbc.pool.Expirations;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.spring.EventLoopGuard;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Adds to each transaction manager the listeners that know its pool. They come after
 * those of the user, so that admission is the last that can refuse to begin.
 */
class TransactionManagerBeanPostProcessor implements BeanPostProcessor {

	private final ObjectProvider<EventLoopGuard> eventLoopThreads;

	private final ObjectProvider<CooperativeJdbcProperties> properties;

	private final ObjectProvider<Admissions> admissions;

	private final ObjectProvider<Expirations> expirations;

	private final ObjectProvider<HoldTimes> holdTimes;

	TransactionManagerBeanPostProcessor(ObjectProvider<EventLoopGuard> eventLoopThreads,
			ObjectProvider<CooperativeJdbcProperties> properties, ObjectProvider<Admissions> admissions,
			ObjectProvider<Expirations> expirations, ObjectProvider<HoldTimes> holdTimes) {
		this.eventLoopThreads = eventLoopThreads;
		this.properties = properties;
		this.admissions = admissions;
		this.expirations = expirations;
		this.holdTimes = holdTimes;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof ConfigurableTransactionManager manager && bean instanceof PlatformTransactionManager) {
			TransactionResources resources = new TransactionResources(manager);
			this.eventLoopThreads
				.ifAvailable((threads) -> manager.addListener(new EventLoopTransactionGuard(resources, threads)));
			if (this.properties.getObject().isDetectSharedConnections()) {
				manager.addListener(new SharedConnectionDetector(resources));
			}
			this.expirations
				.ifAvailable((timer) -> manager.addListener(new DeadlineTransactionListener(resources, timer)));
			this.holdTimes.ifAvailable((times) -> manager.addListener(new HoldTimeListener(resources, times)));
			this.admissions.ifAvailable(
					(admissions) -> manager.addListener(new AdmissionTransactionListener(resources, admissions)));
		}
		return bean;
	}

}
