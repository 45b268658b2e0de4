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

package org.cooperativejdbc.quarkus;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * All that a Quarkus application needs.
 */
class CooperativeProducer {

	@Produces
	@Singleton
	Cooperative cooperative() {
		return Cooperative.start(CooperativeOptions.defaults());
	}

	void close(@Disposes Cooperative cooperative) {
		cooperative.close();
	}

	@Produces
	@Singleton
	HikariDataSource pool(Cooperative cooperative, @ConfigProperty(name = "pool.url") String url,
			@ConfigProperty(name = "pool.username") String username,
			@ConfigProperty(name = "pool.password") String password) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setUsername(username);
		config.setPassword(password);
		return cooperative.pool(config);
	}

}
