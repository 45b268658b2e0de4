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
 * Matches what a property switches on or off, and if the property is unset, unless the
 * concurrency model is {@code platform}: there nothing changes that the user has not
 * asked for.
 */
abstract class UnlessPlatformCondition extends SpringBootCondition {

	private final String property;

	UnlessPlatformCondition(String property) {
		this.property = property;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		Boolean enabled = context.getEnvironment().getProperty(this.property, Boolean.class);
		if (enabled != null) {
			return new ConditionOutcome(enabled,
					ConditionMessage.forCondition(this.property).because("it is " + enabled));
		}
		DetectedConcurrencyModel detected = DetectedConcurrencyModel.of(context.getEnvironment(),
				context.getResourceLoader());
		return new ConditionOutcome(
				detected.model() != ConcurrencyModel.PLATFORM || isRequested(context.getEnvironment()),
				ConditionMessage.forCondition(this.property)
					.because("the concurrency model is " + detected.model() + " (" + detected.reason() + ")"));
	}

	boolean isRequested(Environment environment) {
		return false;
	}

	static class OnAdmission extends UnlessPlatformCondition {

		OnAdmission() {
			super("cooperative.jdbc.admission.enabled");
		}

	}

	static class OnDeadlines extends UnlessPlatformCondition {

		OnDeadlines() {
			super("cooperative.jdbc.deadlines.enabled");
		}

		@Override
		boolean isRequested(Environment environment) {
			return environment.containsProperty("cooperative.jdbc.request-timeout");
		}

	}

}
