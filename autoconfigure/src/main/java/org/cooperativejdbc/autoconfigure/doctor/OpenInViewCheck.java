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

import java.util.List;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.spring.Check;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.orm.jpa.support.OpenEntityManagerInViewInterceptor;

/**
 * Looks for Open EntityManager in View, which Spring Boot switches on unless told not to.
 *
 * @param beanFactory the bean factory of the application
 */
record OpenInViewCheck(ListableBeanFactory beanFactory) implements Check {

	@Override
	public List<Finding> findings() {
		return (this.beanFactory
			.getBeanNamesForType(OpenEntityManagerInViewInterceptor.class, false, false).length == 0)
					? List.of()
					: List.of(new Finding("open-in-view", "Open EntityManager in View is on",
							"a request holds its connection until the response is written, also while it calls others, "
									+ "and with virtual threads there are more requests than connections",
							"Set spring.jpa.open-in-view=false")
						.asAdvice());
	}

}
