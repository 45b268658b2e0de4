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

import java.lang.reflect.Field;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Copies of the settings of HikariCP.
 *
 * @since 0.1.0
 */
public final class HikariConfigs {

	private static final Log logger = LogFactory.getLog(HikariConfigs.class);

	private HikariConfigs() {
	}

	/**
	 * Copy the settings of a pool. HikariCP's own copy shares its connection properties
	 * with the original, which others may be made of.
	 * @param config the settings
	 * @return a pool with the same settings that has not started
	 */
	public static HikariDataSource copy(HikariConfig config) {
		HikariDataSource copy = new HikariDataSource();
		config.copyStateTo(copy);
		try {
			Field properties = HikariConfig.class.getDeclaredField("dataSourceProperties");
			properties.setAccessible(true);
			properties.set(copy, config.getDataSourceProperties().clone());
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.debug("Connection properties of a pool are shared with its copy", ex);
		}
		return copy;
	}

}
