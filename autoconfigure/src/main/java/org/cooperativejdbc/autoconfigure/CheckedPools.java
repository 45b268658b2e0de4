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

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.pool.CooperativePools;

import org.springframework.util.Assert;

/**
 * Checks what it is given, so that a mistake is one in every concurrency model.
 *
 * @param pools makes the pools
 */
record CheckedPools(CooperativePools pools) implements CooperativePools {

	@Override
	public HikariDataSource create(String name, HikariConfig config) {
		Assert.hasText(name, "'name' must not be empty");
		Assert.notNull(config, "'config' must not be null");
		return this.pools.create(name, config);
	}

}
