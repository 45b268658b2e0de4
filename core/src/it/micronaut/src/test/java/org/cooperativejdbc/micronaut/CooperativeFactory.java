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

package org.cooperativejdbc.micronaut;

import javax.sql.DataSource;

import io.micronaut.configuration.jdbc.hikari.DatasourceConfiguration;
import io.micronaut.configuration.jdbc.hikari.DatasourceFactory;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.EachBean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.context.annotation.Value;
import jakarta.inject.Singleton;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;

/**
 * All that a Micronaut application needs.
 */
@Factory
@Replaces(factory = DatasourceFactory.class)
class CooperativeFactory {

	@Singleton
	@Bean(preDestroy = "close")
	Cooperative cooperative(@Value("${cooperative.model:VIRTUAL}") ConcurrencyModel model) {
		return Cooperative.start(CooperativeOptions.defaults().withModel(model));
	}

	@Context
	@EachBean(DatasourceConfiguration.class)
	DataSource dataSource(DatasourceConfiguration configuration, Cooperative cooperative) {
		return cooperative.pool(configuration);
	}

}
