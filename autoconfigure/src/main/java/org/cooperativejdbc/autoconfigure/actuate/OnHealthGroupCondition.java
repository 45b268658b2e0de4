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

package org.cooperativejdbc.autoconfigure.actuate;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * {@link SpringBootCondition} that matches when a group of the health endpoint names
 * {@link CooperativeJdbcHealthIndicator}.
 */
class OnHealthGroupCondition extends SpringBootCondition {

	private static final String GROUPS = "management.endpoint.health.group";

	private static final String NAME = "cooperativeJdbc";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		boolean named = Binder.get(context.getEnvironment())
			.bind(GROUPS, Bindable.mapOf(String.class, Group.class))
			.orElse(Map.of())
			.values()
			.stream()
			.flatMap(Group::names)
			.anyMatch(NAME::equals);
		return new ConditionOutcome(named,
				ConditionMessage.forCondition("Health group").because((named ? "one names " : "none names ") + NAME));
	}

	record Group(@Nullable Set<String> include, @Nullable Set<String> exclude) {

		Stream<String> names() {
			return Stream.of(this.include, this.exclude).filter((names) -> names != null).flatMap(Collection::stream);
		}

	}

}
