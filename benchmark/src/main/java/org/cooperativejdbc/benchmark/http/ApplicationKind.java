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

package org.cooperativejdbc.benchmark.http;

import java.util.List;
import java.util.Locale;

/**
 * The applications, and how they are configured.
 */
public enum ApplicationKind {

	/**
	 * Spring Boot as it is, on Tomcat's thread pool.
	 */
	WEBMVC_PLATFORM("webmvc", "cooperative.jdbc.enabled=false", "spring.threads.virtual.enabled=false"),

	/**
	 * The same with admission in front of the pool.
	 */
	WEBMVC_PLATFORM_ADMISSION("webmvc", "cooperative.jdbc.model=platform", "cooperative.jdbc.admission.enabled=true"),

	/**
	 * Spring Boot as it is, with virtual threads.
	 */
	WEBMVC_VIRTUAL("webmvc", "cooperative.jdbc.enabled=false", "spring.threads.virtual.enabled=true"),

	/**
	 * The virtual model of the starter.
	 */
	WEBMVC_VIRTUAL_STARTER("webmvc", "cooperative.jdbc.model=virtual"),

	/**
	 * The same, which does not wait for the COMMIT of read-only transactions.
	 */
	WEBMVC_VIRTUAL_OVERLAPPED("webmvc", "cooperative.jdbc.model=virtual",
			"cooperative.jdbc.read-only.commit=overlapped"),

	/**
	 * The same, whose read-only transactions begin lazily.
	 */
	WEBMVC_VIRTUAL_LAZY("webmvc", "cooperative.jdbc.model=virtual", "cooperative.jdbc.read-only.begin=lazy"),

	/**
	 * The same without admission in front of the pool.
	 */
	WEBMVC_VIRTUAL_NO_ADMISSION("webmvc", "cooperative.jdbc.model=virtual", "cooperative.jdbc.admission.enabled=false"),

	/**
	 * The event-loop model of the starter.
	 */
	WEBMVC_EVENT_LOOP("webmvc", "cooperative.jdbc.model=event-loop"),

	/**
	 * The same, which does not wait for the COMMIT of read-only transactions.
	 */
	WEBMVC_EVENT_LOOP_OVERLAPPED("webmvc", "cooperative.jdbc.model=event-loop",
			"cooperative.jdbc.read-only.commit=overlapped"),

	/**
	 * The same, whose read-only transactions begin lazily.
	 */
	WEBMVC_EVENT_LOOP_LAZY("webmvc", "cooperative.jdbc.model=event-loop", "cooperative.jdbc.read-only.begin=lazy"),

	/**
	 * The same without admission in front of the pool.
	 */
	WEBMVC_EVENT_LOOP_NO_ADMISSION("webmvc", "cooperative.jdbc.model=event-loop",
			"cooperative.jdbc.admission.enabled=false"),

	/**
	 * Spring Boot as it is, with blocking handlers on virtual threads.
	 */
	WEBFLUX_VIRTUAL("webflux", "cooperative.jdbc.enabled=false", "spring.threads.virtual.enabled=true"),

	/**
	 * The event-loop model of the starter, on the event loops of Netty.
	 */
	WEBFLUX_EVENT_LOOP("webflux", "cooperative.jdbc.model=event-loop"),

	/**
	 * The same, which does not wait for the COMMIT of read-only transactions.
	 */
	WEBFLUX_EVENT_LOOP_OVERLAPPED("webflux", "cooperative.jdbc.model=event-loop",
			"cooperative.jdbc.read-only.commit=overlapped"),

	/**
	 * The same, whose read-only transactions begin lazily.
	 */
	WEBFLUX_EVENT_LOOP_LAZY("webflux", "cooperative.jdbc.model=event-loop", "cooperative.jdbc.read-only.begin=lazy"),

	/**
	 * Spring Data R2DBC.
	 */
	WEBFLUX_R2DBC("r2dbc"),

	/**
	 * The same without transactions.
	 */
	WEBFLUX_R2DBC_AUTO_COMMIT("r2dbc",
			"spring.autoconfigure.exclude=org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration");

	private final String classPath;

	private final List<String> properties;

	ApplicationKind(String classPath, String... properties) {
		this.classPath = classPath;
		this.properties = List.of(properties);
	}

	/**
	 * Return the name of the module that has the dependencies of the application.
	 */
	String classPath() {
		return this.classPath;
	}

	/**
	 * Return the configuration properties.
	 */
	List<String> properties() {
		return this.properties;
	}

	/**
	 * Return whether it is compared with another one to see what a setting does.
	 * @return whether admission is switched on or off, or transactions begin or end in
	 * another way
	 */
	public boolean onRequest() {
		return this.properties.stream()
			.anyMatch((property) -> property.startsWith("cooperative.jdbc.admission")
					|| property.startsWith("cooperative.jdbc.read-only")
					|| property.startsWith("spring.autoconfigure"));
	}

	/**
	 * Return whether the starter is used.
	 * @return whether a model is set
	 */
	public boolean starter() {
		return this.properties.stream().anyMatch((property) -> property.startsWith("cooperative.jdbc.model"));
	}

	/**
	 * Return whether it is the application on JPA.
	 * @return whether it is none on R2DBC
	 */
	public boolean jpa() {
		return !this.classPath.equals("r2dbc");
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
