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

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Setting;

/**
 * The size of a pool where the user left it unset: what the server has left, divided by
 * those who share it, up to the number that was measured to do more work.
 *
 * @param connections how many connections
 * @param reason how the number came about
 */
record PoolSize(int connections, String reason) {

	/**
	 * The largest size that was measured to carry more short queries than a smaller one.
	 * A waiting virtual thread costs next to nothing, so the concurrency model asks for
	 * no more.
	 */
	static final int TARGET = 32;

	/**
	 * Compute the size of a pool.
	 * @param server what the server has
	 * @param instances how many instances of the application share it at most
	 * @param pools how many pools of this instance share it
	 * @return the size
	 */
	static PoolSize of(ServerCapacity server, int instances, int pools) {
		int share = server.available() / (instances * pools);
		int size = Math.clamp(share, 1, TARGET);
		return new PoolSize(size, "%s, for %d instances with %d pools: %d each, at most %d"
			.formatted(server.calculation(), instances, pools, share, TARGET));
	}

	/**
	 * Give a pool this size.
	 * @param pool the pool, which may have started
	 * @param idle whether it is to keep all of its connections
	 * @return what was changed
	 */
	Setting apply(HikariDataSource pool, boolean idle) {
		pool.setMaximumPoolSize(this.connections);
		if (idle) {
			pool.setMinimumIdle(this.connections);
		}
		return new Setting("maximumPoolSize", Integer.toString(this.connections), this.reason);
	}

}
