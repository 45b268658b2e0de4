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

package org.cooperativejdbc.driver;

import java.time.Duration;
import java.util.Properties;

import org.jspecify.annotations.Nullable;

/**
 * Where a connection pool that has not started will get its connections from, as the user
 * has configured it.
 *
 * @param name the name of the pool, by which it is reported
 * @param url the JDBC URL, or {@code null} if there is a data source class, or if the
 * properties must fit any URL of a driver class
 * @param driverClassName the driver class, or {@code null} where there is none
 * @param dataSourceClassName the data source class, or {@code null} where there is a URL
 * @param properties the connection properties, or those of the data source. They belong
 * to the pool and must not be changed.
 * @param connectionTimeout how long a thread waits for a connection
 * @param poolType a class of the connection pool, whose class loader finds driver classes
 * by their names
 * @since 0.1.0
 */
public record ConnectionSource(String name, @Nullable String url, @Nullable String driverClassName,
		@Nullable String dataSourceClassName, Properties properties, Duration connectionTimeout, Class<?> poolType) {

	/**
	 * Return the class that identifies the driver if the URL does not: that of the data
	 * source, or of the driver. Return {@code null} if the URL does.
	 */
	@Nullable String className() {
		return (this.dataSourceClassName != null || this.url != null) ? this.dataSourceClassName : this.driverClassName;
	}

	/**
	 * Return the name only, because the other values may contain secrets.
	 */
	@Override
	public String toString() {
		return this.name;
	}

}
