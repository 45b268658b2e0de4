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

import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.thread.Threading;
import org.springframework.boot.web.context.reactive.ConfigurableReactiveWebEnvironment;
import org.springframework.boot.web.context.reactive.ReactiveWebApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ClassUtils;

/**
 * The concurrency model of an application, and why it is that one. What is detected is
 * what the application does anyway: event loops only carry it if it runs on event loops
 * itself. An explicit {@code cooperative.jdbc.model} always wins; what it needs is
 * checked when the application uses it, so that only {@code auto} falls back.
 */
record DetectedConcurrencyModel(ConcurrencyModel model, String reason) {

	static final String MODEL_PROPERTY = "cooperative.jdbc.model";

	static final String VIRTUAL_THREADS_PROPERTY = "spring.threads.virtual.enabled";

	/**
	 * The server that Spring Boot makes if it is there, whatever else is there.
	 */
	private static final String NETTY_SERVER = "org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory";

	static DetectedConcurrencyModel of(Environment environment, @Nullable ResourceLoader applicationContext) {
		return of(environment, isReactive(environment, applicationContext), isWithoutLoops(applicationContext));
	}

	/**
	 * Return whether the user has excluded the auto-configuration of event loops.
	 */
	private static boolean isWithoutLoops(@Nullable ResourceLoader applicationContext) {
		ConditionEvaluationReport report = (applicationContext instanceof ConfigurableApplicationContext context)
				? ConditionEvaluationReport.find(context.getBeanFactory()) : null;
		return report != null && report.getExclusions().contains(EventLoopAutoConfiguration.class.getName());
	}

	/**
	 * The context is what Spring Boot has made in the end. Its environment may have been
	 * made for another kind of application.
	 */
	private static boolean isReactive(Environment environment, @Nullable ResourceLoader applicationContext) {
		return (applicationContext instanceof ApplicationContext)
				? applicationContext instanceof ReactiveWebApplicationContext
				: environment instanceof ConfigurableReactiveWebEnvironment;
	}

	private static DetectedConcurrencyModel of(Environment environment, boolean reactive, boolean withoutLoops) {
		return switch (configured(environment)) {
			case AUTO -> detect(environment, reactive, withoutLoops);
			case PLATFORM -> explicit(environment, ConcurrencyModel.PLATFORM);
			case VIRTUAL -> explicit(environment, ConcurrencyModel.VIRTUAL);
			case EVENT_LOOP -> explicit(environment, ConcurrencyModel.EVENT_LOOP);
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

	private static DetectedConcurrencyModel explicit(Environment environment, ConcurrencyModel model) {
		boolean overridden = environment instanceof ConfigurableEnvironment configurable
				&& configurable.getPropertySources().contains(CooperativeJdbcEnvironmentPostProcessor.OVERRIDE);
		return new DetectedConcurrencyModel(model, MODEL_PROPERTY + "=" + model
				+ (overridden ? ", which wins over " + VIRTUAL_THREADS_PROPERTY + "=false" : ""));
	}

	private static DetectedConcurrencyModel detect(Environment environment, boolean reactive, boolean withoutLoops) {
		if (!Threading.VIRTUAL.isActive(environment) && (!reactive || switchedOff(environment))) {
			return new DetectedConcurrencyModel(ConcurrencyModel.PLATFORM, "virtual threads off");
		}
		String unavailable = withoutLoops ? "event loops excluded" : CarriedThreads.unavailableReason();
		if (!reactive) {
			return new DetectedConcurrencyModel(ConcurrencyModel.VIRTUAL, "virtual threads enabled"
					+ ((unavailable != null) ? "" : ", event loops with " + MODEL_PROPERTY + "=event-loop"));
		}
		if (!ClassUtils.isPresent(NETTY_SERVER, DetectedConcurrencyModel.class.getClassLoader())) {
			return new DetectedConcurrencyModel(ConcurrencyModel.VIRTUAL, "reactive application without Netty");
		}
		return (unavailable != null)
				? new DetectedConcurrencyModel(ConcurrencyModel.VIRTUAL, "reactive application, " + unavailable)
				: new DetectedConcurrencyModel(ConcurrencyModel.EVENT_LOOP,
						"reactive application on Netty, java.lang open");
	}

}
