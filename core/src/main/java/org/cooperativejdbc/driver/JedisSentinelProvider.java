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

import java.util.Map;
import java.util.Set;

import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.providers.SentineledConnectionProvider;
import redis.clients.jedis.util.Delay;
import redis.clients.jedis.util.Pool;

/**
 * The connections to the primary that Sentinel tells, as Jedis has them, on other
 * sockets. After a failover there is another pool, so it is looked at when it is handed
 * out. Jedis talks to Sentinel itself with sockets of its own.
 */
final class JedisSentinelProvider extends SentineledConnectionProvider {

	private final JedisPools pools;

	JedisSentinelProvider(String primary, JedisClientConfig config, GenericObjectPoolConfig<Connection> poolConfig,
			Set<HostAndPort> sentinels, JedisClientConfig sentinelConfig, Delay reconnectDelay, JedisPools pools) {
		super(primary, config, poolConfig, sentinels, sentinelConfig, reconnectDelay);
		this.pools = pools;
	}

	@Override
	public Connection getConnection() {
		return getPrimaryNodesConnectionMap().values().iterator().next().getResource();
	}

	@Override
	public Connection getConnection(CommandArguments command) {
		return getConnection();
	}

	@Override
	public Map<?, Pool<Connection>> getConnectionMap() {
		return getPrimaryNodesConnectionMap();
	}

	@Override
	public Map<?, Pool<Connection>> getPrimaryNodesConnectionMap() {
		Map<?, Pool<Connection>> servers = super.getPrimaryNodesConnectionMap();
		servers.values().forEach(this.pools::install);
		return servers;
	}

}
