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
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/**
 * The connections to a cluster, as Jedis has them, on other sockets. Which servers there
 * are may change at any time, so each pool is looked at when it is handed out. Jedis asks
 * a server for the others on a connection of its own, with a socket of its own.
 */
final class JedisClusterProvider extends ClusterConnectionProvider {

	private final JedisPools pools;

	JedisClusterProvider(Set<HostAndPort> servers, JedisClientConfig config,
			GenericObjectPoolConfig<Connection> poolConfig, @Nullable Duration refreshPeriod, JedisPools pools) {
		super(servers, config, poolConfig, refreshPeriod);
		this.pools = pools;
	}

	@Override
	public Connection getConnection() {
		getPrimaryNodes();
		return super.getConnection();
	}

	@Override
	public Connection getConnection(@Nullable HostAndPort server) {
		if (server != null) {
			this.pools.install(this.cache.setupNodeIfNotExist(server));
		}
		return super.getConnection(server);
	}

	@Override
	public Connection getConnectionFromSlot(int slot) {
		ConnectionPool pool = this.cache.getSlotPool(slot);
		if (pool != null) {
			this.pools.install(pool);
		}
		return super.getConnectionFromSlot(slot);
	}

	@Override
	public Connection getReplicaConnectionFromSlot(int slot) {
		List<ConnectionPool> pools = this.cache.getSlotReplicaPools(slot);
		if (pools != null) {
			pools.forEach(this.pools::install);
		}
		return super.getReplicaConnectionFromSlot(slot);
	}

	/**
	 * Also called by those above, for a slot that no server was known to have.
	 */
	@Override
	public void renewSlotCache() {
		super.renewSlotCache();
		getNodes();
	}

	@Override
	public Map<String, ConnectionPool> getNodes() {
		return installed(super.getNodes());
	}

	@Override
	public Map<String, ConnectionPool> getPrimaryNodes() {
		return installed(super.getPrimaryNodes());
	}

	private Map<String, ConnectionPool> installed(Map<String, ConnectionPool> servers) {
		servers.values().forEach(this.pools::install);
		return servers;
	}

}
