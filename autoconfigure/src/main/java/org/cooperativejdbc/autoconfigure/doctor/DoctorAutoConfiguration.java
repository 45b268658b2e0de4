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

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcProperties;
import org.cooperativejdbc.pool.FleetBudget;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.spring.Check;
import org.cooperativejdbc.spring.Doctor;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for checks of the set-up at startup.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class)
@ConditionalOnClass(name = "com.zaxxer.hikari.HikariDataSource")
@ConditionalOnBean(ManagedPools.class)
@Conditional(OnDoctorCondition.class)
public final class DoctorAutoConfiguration {

	@Bean
	Doctor cooperativeJdbcDoctor(CooperativeJdbc cooperativeJdbc, CooperativeJdbcProperties properties,
			ObjectProvider<Check> checks) {
		return new Doctor(cooperativeJdbc, checks, properties.getDoctor() == CooperativeJdbcProperties.Doctor.FAIL);
	}

	@Bean
	SetupCheck cooperativeJdbcSetupCheck(CooperativeJdbcProperties properties, ManagedPools pools, FleetBudget budget,
			ConfigurableListableBeanFactory beanFactory, ApplicationContext applicationContext) {
		return new SetupCheck(properties, pools, budget, beanFactory, applicationContext);
	}

}
