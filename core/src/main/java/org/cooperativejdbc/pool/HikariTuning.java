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
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Setting;
import org.cooperativejdbc.driver.PostgresqlDriver;

/**
 * Settings of a HikariCP pool on pgjdbc that fit virtual threads, where the user left
 * them unset.
 *
 * @since 0.1.0
 */
public final class HikariTuning {

	private HikariTuning() {
	}

	/**
	 * Change what is unset in a pool that has not started.
	 * @param pool the pool
	 * @param model the concurrency model of the application
	 * @param cancelGrace how long to wait for the answer of a canceled statement
	 * @return what was changed
	 */
	public static List<Setting> apply(HikariDataSource pool, ConcurrencyModel model, Duration cancelGrace) {
		List<Setting> settings = PostgresqlDriver.settings(ConnectionSources.of("pool", pool), cancelGrace);
		settings.forEach((setting) -> pool.getDataSourceProperties().setProperty(setting.name(), setting.value()));
		return settings;
	}

}
