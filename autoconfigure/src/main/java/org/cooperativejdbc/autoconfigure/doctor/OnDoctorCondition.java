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

import org.cooperativejdbc.autoconfigure.CooperativeJdbcProperties.Doctor;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * {@link SpringBootCondition} that matches unless {@code cooperative.jdbc.doctor} is
 * {@code off}.
 */
class OnDoctorCondition extends SpringBootCondition {

	private static final String PROPERTY = "cooperative.jdbc.doctor";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		Doctor doctor = Binder.get(context.getEnvironment()).bind(PROPERTY, Doctor.class).orElse(Doctor.WARN);
		return new ConditionOutcome(doctor != Doctor.OFF,
				ConditionMessage.forCondition("Doctor").because(PROPERTY + " is " + doctor));
	}

}
