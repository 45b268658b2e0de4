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

import java.time.Duration;

import com.zaxxer.hikari.HikariConfig;
import org.cooperativejdbc.driver.ConnectionSource;

/**
 * Where pools of HikariCP get their connections from.
 *
 * @since 0.1.0
 */
public final class ConnectionSources {

	private ConnectionSources() {
	}

	/**
	 * Return where a pool gets its connections from. A pool on a data source of the
	 * user's gets them from nowhere else.
	 * @param name the name of the pool
	 * @param config the settings of HikariCP, with no data source
	 * @return the source
	 */
	public static ConnectionSource of(String name, HikariConfig config) {
		return new ConnectionSource(name, config.getJdbcUrl(), config.getDriverClassName(),
				config.getDataSourceClassName(), config.getDataSourceProperties(),
				Duration.ofMillis(config.getConnectionTimeout()), HikariConfig.class);
	}

}
