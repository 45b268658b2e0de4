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

import java.util.List;
import java.util.Map;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.Setting;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a {@link DriverSupport} that is asked to install sockets in a pool.
 *
 * @since 0.1.0
 */
public sealed interface Installation {

	/**
	 * The sockets are installed when this has been set on the pool.
	 *
	 * @param properties the connection properties that install the sockets
	 * @param driverClassName the driver class to use instead of the configured one, or
	 * {@code null} to keep that
	 * @param through the driver in between that passes connection properties on, or
	 * {@code null} if there is none
	 * @param limits what is not supported, each as the end of a sentence in the line that
	 * is logged at startup
	 * @param settings connection properties that fit the sockets and that the user left
	 * unset; set only if tuning is enabled
	 * @param findings what does not fit the concurrency model
	 */
	record Installed(Map<String, String> properties, @Nullable String driverClassName, @Nullable String through,
			List<String> limits, List<Setting> settings, List<Finding> findings) implements Installation {

		/**
		 * Create an answer with connection properties only.
		 * @param properties the connection properties that install the sockets
		 */
		public Installed(Map<String, String> properties) {
			this(properties, null, null, List.of(), List.of(), List.of());
		}

	}

	/**
	 * The driver waits cooperatively by itself, or does not wait.
	 *
	 * @param outcome the text for the line that is logged at startup
	 */
	record NotNeeded(String outcome) implements Installation {

	}

	/**
	 * The sockets cannot be installed, or the user has installed others.
	 *
	 * @param outcome why, for the line that is logged at startup
	 * @param remedy what to do, without a full stop
	 */
	record Refused(String outcome, String remedy) implements Installation {

		/**
		 * Create the answer where the user has set a socket factory.
		 */
		static Refused kept(String socketFactory) {
			return new Refused("socket factory " + socketFactory + " kept",
					"Remove 'socketFactory' from the URL or the properties of the data source");
		}

	}

}
