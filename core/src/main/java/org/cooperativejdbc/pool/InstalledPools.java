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

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.BiConsumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The cooperative pools of an application, except those that are no longer in use. May be
 * used by any thread.
 *
 * @since 0.1.0
 */
public final class InstalledPools {

	private static final Log logger = LogFactory.getLog(InstalledPools.class);

	private final Map<CooperativeDataSource, String> names = Collections.synchronizedMap(new WeakHashMap<>());

	private final List<BiConsumer<String, CooperativeDataSource>> listeners = new ArrayList<>();

	/**
	 * Create the pools of an application, none at first.
	 */
	public InstalledPools() {
	}

	/**
	 * Add a pool.
	 * @param name the name of its bean
	 * @param pool the pool
	 */
	public void add(String name, CooperativeDataSource pool) {
		List<BiConsumer<String, CooperativeDataSource>> listeners;
		synchronized (this.names) {
			this.names.put(pool, name);
			listeners = List.copyOf(this.listeners);
		}
		listeners.forEach((listener) -> tell(listener, name, pool));
	}

	/**
	 * Call a listener for each pool, now and whenever one is added. Whatever it throws is
	 * of no consequence.
	 * @param listener takes its name and the pool
	 */
	public void onAdd(BiConsumer<String, CooperativeDataSource> listener) {
		Map<CooperativeDataSource, String> present;
		synchronized (this.names) {
			this.listeners.add(listener);
			present = Map.copyOf(this.names);
		}
		present.forEach((pool, name) -> tell(listener, name, pool));
	}

	private static void tell(BiConsumer<String, CooperativeDataSource> listener, String name,
			CooperativeDataSource pool) {
		try {
			listener.accept(name, pool);
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Pool not told of", ex);
		}
	}

	/**
	 * Return the pools.
	 * @return a copy
	 */
	public List<CooperativeDataSource> all() {
		synchronized (this.names) {
			return List.copyOf(this.names.keySet());
		}
	}

	/**
	 * Call an action for each pool that is not closed.
	 * @param action takes its name and the pool
	 */
	public void forEachOpen(BiConsumer<String, CooperativeDataSource> action) {
		Map<CooperativeDataSource, String> present;
		synchronized (this.names) {
			present = Map.copyOf(this.names);
		}
		present.forEach((pool, name) -> {
			if (!pool.isClosed()) {
				action.accept(name, pool);
			}
		});
	}

}
