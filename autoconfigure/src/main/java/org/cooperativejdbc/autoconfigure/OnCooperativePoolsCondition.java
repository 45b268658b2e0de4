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

package org.cooperativejdbc.autoconfigure;

import org.cooperativejdbc.ConcurrencyModel;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches when pools are made cooperative: unless the concurrency model is
 * {@code platform}, where nothing changes that the user has not asked for.
 */
class OnCooperativePoolsCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		DetectedConcurrencyModel detected = DetectedConcurrencyModel.of(context.getEnvironment(),
				context.getResourceLoader());
		return new ConditionOutcome(
				detected.model() != ConcurrencyModel.PLATFORM || isRequested(context.getEnvironment()),
				ConditionMessage.forCondition("Cooperative pools")
					.because("the concurrency model is " + detected.model() + " (" + detected.reason() + ")"));
	}

	private static boolean isRequested(Environment environment) {
		return environment.getProperty("cooperative.jdbc.admission.enabled", Boolean.class, false)
				|| environment.getProperty("cooperative.jdbc.deadlines.enabled", Boolean.class, false)
				|| environment.containsProperty("cooperative.jdbc.request-timeout");
	}

}
