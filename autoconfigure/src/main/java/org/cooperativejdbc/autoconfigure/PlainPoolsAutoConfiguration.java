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

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.pool.CooperativePools;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for {@link CooperativePools} that
 * makes HikariCP's own pools where none are made cooperative, so that an application
 * which asks for it starts in every concurrency model and when the rest is switched off.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class)
@ConditionalOnClass(HikariDataSource.class)
@ConditionalOnMissingBean(CooperativePools.class)
public final class PlainPoolsAutoConfiguration {

	@Bean
	CooperativePools cooperativeJdbcPlainPools() {
		return new CheckedPools((name, config) -> {
			HikariDataSource pool = new HikariDataSource();
			config.copyStateTo(pool);
			return pool;
		});
	}

}
