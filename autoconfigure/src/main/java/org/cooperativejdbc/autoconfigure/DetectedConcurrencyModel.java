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
import org.cooperativejdbc.autoconfigure.CooperativeJdbcProperties.Model;
import org.cooperativejdbc.carrier.CarriedThreads;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.thread.Threading;
import org.springframework.boot.web.context.reactive.ConfigurableReactiveWebEnvironment;
import org.springframework.boot.web.context.reactive.ReactiveWebApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;

/**
 * The concurrency model of an application, and why it is that one. An explicit
 * {@code cooperative.jdbc.model} always wins; what it needs is checked when the
 * application uses it, so that only {@code auto} falls back.
 */
record DetectedConcurrencyModel(ConcurrencyModel model, String reason) {

	static final String MODEL_PROPERTY = "cooperative.jdbc.model";

	static final String VIRTUAL_THREADS_PROPERTY = "spring.threads.virtual.enabled";

	static DetectedConcurrencyModel of(Environment environment, @Nullable ResourceLoader applicationContext) {
		return of(environment, environment instanceof ConfigurableReactiveWebEnvironment
				|| applicationContext instanceof ReactiveWebApplicationContext);
	}

	static DetectedConcurrencyModel of(Environment environment, boolean reactive) {
		Model configured = configured(environment);
		return switch (configured) {
			case AUTO -> detect(environment, reactive);
			case PLATFORM -> explicit(ConcurrencyModel.PLATFORM);
			case VIRTUAL -> explicit(ConcurrencyModel.VIRTUAL);
			case EVENT_LOOP -> explicit(ConcurrencyModel.EVENT_LOOP);
		};
	}

	static Model configured(Environment environment) {
		return Binder.get(environment).bind(MODEL_PROPERTY, Model.class).orElse(Model.AUTO);
	}

	/**
	 * Return whether the user has switched virtual threads off, which even a reactive
	 * application then does without.
	 */
	static boolean switchedOff(Environment environment) {
		return Boolean.FALSE.equals(environment.getProperty(VIRTUAL_THREADS_PROPERTY, Boolean.class));
	}

	private static DetectedConcurrencyModel explicit(ConcurrencyModel model) {
		return new DetectedConcurrencyModel(model, MODEL_PROPERTY + "=" + model);
	}

	private static DetectedConcurrencyModel detect(Environment environment, boolean reactive) {
		if (!Threading.VIRTUAL.isActive(environment) && (!reactive || switchedOff(environment))) {
			return new DetectedConcurrencyModel(ConcurrencyModel.PLATFORM, "virtual threads off");
		}
		String threads = reactive ? "reactive application" : "virtual threads enabled";
		String unavailable = CarriedThreads.unavailableReason();
		return (unavailable != null)
				? new DetectedConcurrencyModel(ConcurrencyModel.VIRTUAL, threads + ", " + unavailable)
				: new DetectedConcurrencyModel(ConcurrencyModel.EVENT_LOOP, threads + ", java.lang open");
	}

}
