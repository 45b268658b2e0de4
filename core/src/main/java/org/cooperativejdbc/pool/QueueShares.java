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

package org.cooperativejdbc.pool;

import java.util.Map;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.ShareKeyResolver;
import org.jspecify.annotations.Nullable;

/**
 * How a pool is divided among the threads that wait for connections: by their keys, and
 * the weights of the keys. All threads without a key have one share.
 *
 * @param weights the weights of some keys, each at least 1
 * @param defaultWeight the weight of every other key, at least 1
 * @param resolver tells the key of a thread
 * @since 0.1.0
 */
public record QueueShares(Map<String, Integer> weights, int defaultWeight, ShareKeyResolver resolver) {

	/**
	 * The name of all keys without a weight of their own in figures, so that these do not
	 * grow with the number of keys.
	 */
	public static final String OTHER = "other";

	private static final Log logger = LogFactory.getLog(QueueShares.class);

	/**
	 * Set while a resolver runs, which may itself borrow a connection.
	 */
	private static final ThreadLocal<@Nullable Boolean> resolving = new ThreadLocal<>();

	/**
	 * Create shares.
	 * @throws IllegalArgumentException if a weight is less than 1
	 */
	public QueueShares {
		weights = Map.copyOf(weights);
		weights.forEach((key, weight) -> checkPositive("weight of '" + key + "'", weight));
		checkPositive("default weight", defaultWeight);
	}

	private static void checkPositive(String name, int value) {
		if (value < 1) {
			throw new IllegalArgumentException("The " + name + " must be at least 1, but is " + value);
		}
	}

	/**
	 * Return the key of the current thread, empty if it has none.
	 */
	String key() {
		if (resolving.get() != null) {
			return "";
		}
		resolving.set(true);
		try {
			String key = this.resolver.resolve();
			return (key != null) ? key : "";
		}
		catch (Throwable ex) {
			logger.debug("Unknown on whose behalf a connection is borrowed", ex);
			return "";
		}
		finally {
			resolving.remove();
		}
	}

	int weight(String key) {
		return this.weights.getOrDefault(key, this.defaultWeight);
	}

	/**
	 * Return how figures call a key.
	 */
	String name(String key) {
		return this.weights.containsKey(key) ? key : OTHER;
	}

}
