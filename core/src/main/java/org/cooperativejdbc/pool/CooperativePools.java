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

package org.cooperativejdbc.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/**
 * Creates cooperative connection pools that are not beans, such as those of tenants. In
 * the model {@link org.cooperativejdbc.ConcurrencyModel platform}, and when the starter
 * is switched off, they are plain HikariCP pools. May be used by any thread.
 *
 * @since 0.1.0
 */
public interface CooperativePools {

	/**
	 * Create a pool that starts with its first connection. The caller closes it.
	 * @param name the name of the pool, which is used like the name of a bean in
	 * configuration and reports
	 * @param config the settings of HikariCP, which are copied
	 * @return the pool
	 */
	HikariDataSource create(String name, HikariConfig config);

}
