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
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.pool.HikariVersion;
import org.cooperativejdbc.pool.ManagedPools;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.orm.jpa.AbstractEntityManagerFactoryBean;
import org.springframework.web.context.request.WebRequestInterceptor;

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
	JdkCheck cooperativeJdbcJdkCheck() {
		return new JdkCheck(Runtime.version());
	}

	@Bean
	LibraryCheck cooperativeJdbcHikariCheck() {
		return LibraryCheck.hikari(HikariVersion.get());
	}

	@Bean
	LibraryCheck cooperativeJdbcPostgresqlCheck() {
		return LibraryCheck.postgresql(PostgresqlDriver.version());
	}

	@Bean
	PostgresqlVulnerabilityCheck cooperativeJdbcPostgresqlVulnerabilityCheck() {
		return new PostgresqlVulnerabilityCheck(PostgresqlDriver.version());
	}

	@Bean
	PoolSizeCheck cooperativeJdbcPoolSizeCheck(ManagedPools pools, CooperativeJdbcProperties properties) {
		Integer instances = properties.getPool().getInstances();
		return new PoolSizeCheck(pools, (instances != null) ? instances : 1);
	}

	@Bean
	StatementPoolingCheck cooperativeJdbcStatementPoolingCheck(ManagedPools pools) {
		return new StatementPoolingCheck(pools);
	}

	@Bean
	AsyncLimitCheck cooperativeJdbcAsyncLimitCheck(ListableBeanFactory beanFactory, ManagedPools pools) {
		return new AsyncLimitCheck(beanFactory, pools);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(AbstractEntityManagerFactoryBean.class)
	static class JpaConfiguration {

		@Bean
		EarlyConnectionCheck cooperativeJdbcEarlyConnectionCheck(Environment environment,
				ConfigurableListableBeanFactory beanFactory, ManagedPools pools) {
			return new EarlyConnectionCheck(environment, new Singletons(beanFactory), pools);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ AbstractEntityManagerFactoryBean.class, WebRequestInterceptor.class })
	static class JpaWebConfiguration {

		@Bean
		OpenInViewCheck cooperativeJdbcOpenInViewCheck(ListableBeanFactory beanFactory) {
			return new OpenInViewCheck(beanFactory);
		}

	}

}
