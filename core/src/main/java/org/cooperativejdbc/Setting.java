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

package org.cooperativejdbc;

import org.cooperativejdbc.CooperativeJdbc.Tuning;

/**
 * A setting of a pool that was changed because the user left it unset.
 *
 * @param name the name of the setting
 * @param value the value it was given
 * @param reason why
 * @since 0.1.0
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
