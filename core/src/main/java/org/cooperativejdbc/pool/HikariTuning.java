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

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
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
		List<Setting> settings = new ArrayList<>();
		driver(pool, settings, new Setting(PostgresqlDriver.LOGIN_TIMEOUT, loginTimeout(pool),
				"the driver connects, resolves names and negotiates TLS on a platform thread of its own"));
		driver(pool, settings, new Setting(PostgresqlDriver.TCP_KEEP_ALIVE, "true",
				"a server that has vanished is noticed while a thread waits for its answer"));
		driver(pool, settings,
				new Setting(PostgresqlDriver.CANCEL_SIGNAL_TIMEOUT, Long.toString(Math.max(1, cancelGrace.toSeconds())),
						"a request to cancel that is not answered keeps its thread no longer than the grace period"));
		return settings;
	}

	/**
	 * The driver reads seconds and fractions, its data sources whole seconds.
	 */
	private static String loginTimeout(HikariDataSource pool) {
		BigDecimal seconds = BigDecimal.valueOf(pool.getConnectionTimeout()).movePointLeft(3);
		return (pool.getDataSourceClassName() != null) ? seconds.setScale(0, RoundingMode.CEILING).toPlainString()
				: seconds.stripTrailingZeros().toPlainString();
	}

	private static void driver(HikariDataSource pool, List<Setting> settings, Setting setting) {
		Properties properties = pool.getDataSourceProperties();
		if (PostgresqlDriver.configured(pool.getJdbcUrl(), properties, setting.name()) == null) {
			properties.setProperty(setting.name(), setting.value());
			settings.add(setting);
		}
	}

	/**
	 * A setting that was changed.
	 *
	 * @param name the name of the setting
	 * @param value the value it was given
	 * @param reason why
	 */
	public record Setting(String name, String value, String reason) {

		/**
		 * Return this setting as one of a pool.
		 * @param beanName the name of the bean of the pool
		 * @return the tuning
		 */
		public Tuning on(String beanName) {
			return new Tuning(beanName, this.name, this.value, this.reason);
		}

	}

}
