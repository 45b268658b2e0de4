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

package org.cooperativejdbc.driver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The supported drivers. A {@link DriverSupport} that fails is left out.
 *
 * @since 0.1.0
 */
public final class DriverSupports {

	private static final Log logger = LogFactory.getLog(DriverSupports.class);

	private final List<DriverSupport> supports;

	/**
	 * Create from those that an application has.
	 * @param supports they are asked in this order
	 */
	public DriverSupports(List<DriverSupport> supports) {
		this.supports = List.copyOf(supports);
	}

	/**
	 * Load those that a class loader finds.
	 * @param first those that are asked before
	 * @param classLoader the class loader of the application
	 * @return those of the application
	 */
	public static DriverSupports load(List<DriverSupport> first, @Nullable ClassLoader classLoader) {
		List<DriverSupport> supports = new ArrayList<>(first);
		Iterator<DriverSupport> loaded = ServiceLoader.load(DriverSupport.class, classLoader).iterator();
		while (hasNext(loaded)) {
			try {
				supports.add(loaded.next());
			}
			catch (ServiceConfigurationError | LinkageError ex) {
				logger.debug("Support of a driver not loaded", ex);
			}
		}
		return new DriverSupports(supports);
	}

	private static boolean hasNext(Iterator<?> iterator) {
		try {
			return iterator.hasNext();
		}
		catch (ServiceConfigurationError ex) {
			logger.debug("Supports of drivers not listed", ex);
			return hasNext(iterator);
		}
	}

	/**
	 * Return the one for a pool.
	 * @param source where the pool gets its connections from
	 * @return the first that accepts it, or {@code null} if none does
	 */
	public @Nullable DriverSupport find(ConnectionSource source) {
		for (DriverSupport support : this.supports) {
			try {
				if (support.accepts(source)) {
					return support;
				}
			}
			catch (RuntimeException | LinkageError ex) {
				logger.debug("Support of a driver failed: " + support.getClass().getName(), ex);
			}
		}
		return null;
	}

	/**
	 * Have a support say how sockets are installed. One that fails refuses.
	 * @param support the support
	 * @param source what it accepts
	 * @param keys the key with which a driver gets its sockets
	 * @param cancelGrace how long the answer of a canceled statement is waited for
	 * @return the answer
	 */
	public static Installation install(DriverSupport support, ConnectionSource source,
			Function<DriverSupport, String> keys, Duration cancelGrace) {
		try {
			return support.install(source, keys.apply(support), cancelGrace);
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Support of a driver failed: " + support.getClass().getName(), ex);
			return new Installation.Refused("socket factory not installed, because its support failed: " + ex,
					"Use a version of the driver that it supports");
		}
	}

	/**
	 * Have a support say how it saves round trips. One that fails refuses.
	 * @param support the support
	 * @param source what it accepts
	 * @param key the key of the application
	 * @return the answer
	 */
	public static Installation saveRoundTrips(DriverSupport support, ConnectionSource source, String key) {
		try {
			return support.saveRoundTrips(source, key);
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Support of a driver failed: " + support.getClass().getName(), ex);
			return new Installation.Refused("read-only transactions unchanged, because its support failed: " + ex,
					"Use a version of the driver that it supports");
		}
	}

}
