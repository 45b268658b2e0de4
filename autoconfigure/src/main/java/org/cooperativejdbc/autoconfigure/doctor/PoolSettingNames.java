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

package org.cooperativejdbc.autoconfigure.doctor;

import org.cooperativejdbc.pool.ManagedPool;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.context.ApplicationContext;

/**
 * Calls the settings of a pool what whoever sets them does.
 *
 * @param applicationContext the context of the pools
 */
record PoolSettingNames(ApplicationContext applicationContext) {

	/**
	 * Return the name of a setting: a property where properties are bound to the pool.
	 */
	String name(ManagedPool pool, String setting) {
		String prefix = prefix(pool);
		return (prefix != null) ? prefix + "." + setting : "%s of the pool '%s'".formatted(setting, pool.name());
	}

	/**
	 * Return the prefix of the properties that are bound to a pool, or {@code null} if
	 * none are.
	 */
	@Nullable String prefix(ManagedPool pool) {
		ConfigurationPropertiesBean bean = ConfigurationPropertiesBean.get(this.applicationContext, pool.dataSource(),
				pool.name());
		return (bean != null) ? bean.getAnnotation().prefix() : null;
	}

}
