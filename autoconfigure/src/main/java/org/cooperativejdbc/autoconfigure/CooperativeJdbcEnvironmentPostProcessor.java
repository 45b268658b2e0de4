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

import java.util.Map;

import org.cooperativejdbc.autoconfigure.CooperativeJdbcProperties.Model;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;

/**
 * Switches Spring Boot's virtual threads on where the concurrency model needs them, after
 * the application's configuration has been read and before anybody asks for them. An
 * explicit model wins over {@code spring.threads.virtual.enabled}, a detected one does
 * not.
 */
class CooperativeJdbcEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	static final int ORDER = ConfigDataEnvironmentPostProcessor.ORDER + 1;

	/**
	 * The name of the property source if it overrides what the user has set.
	 */
	static final String OVERRIDE = "cooperativeJdbcOverride";

	/**
	 * The name of the property source if the user has asked neither for virtual threads
	 * nor for a concurrency model.
	 */
	static final String DETECTED = "cooperativeJdbcDetected";

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		if (!environment.getProperty("cooperative.jdbc.enabled", Boolean.class, true)) {
			return;
		}
		Model model = DetectedConcurrencyModel.configured(environment);
		if (model == Model.VIRTUAL || model == Model.EVENT_LOOP) {
			environment.getPropertySources()
				.addFirst(virtualThreads(
						DetectedConcurrencyModel.switchedOff(environment) ? OVERRIDE : "cooperativeJdbc"));
		}
		else if (model == Model.AUTO && type(environment, application) == WebApplicationType.REACTIVE
				&& !environment.containsProperty(DetectedConcurrencyModel.VIRTUAL_THREADS_PROPERTY)) {
			environment.getPropertySources().addLast(virtualThreads(DETECTED));
		}
	}

	/**
	 * The property wins over code and class path, but Spring Boot binds it to the
	 * application only after this.
	 */
	private static WebApplicationType type(ConfigurableEnvironment environment, SpringApplication application) {
		return Binder.get(environment)
			.bind("spring.main.web-application-type", WebApplicationType.class)
			.orElseGet(application::getWebApplicationType);
	}

	private static PropertySource<?> virtualThreads(String name) {
		return new MapPropertySource(name, Map.of(DetectedConcurrencyModel.VIRTUAL_THREADS_PROPERTY, true));
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

}
