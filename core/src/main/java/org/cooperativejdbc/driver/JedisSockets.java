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

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.builders.AbstractClientBuilder;
import redis.clients.jedis.builders.StandaloneClientBuilder;
import redis.clients.jedis.providers.PooledConnectionProvider;
import redis.clients.jedis.util.Pool;

/**
 * Installs sockets into clients of Jedis 7.3 and later that use one server. Those for a
 * cluster or for Sentinel have no place for a socket factory. A client stays as it is if
 * it has a connection provider already, or what only Jedis' own provider can have: a
 * client-side cache or token-based authentication. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class JedisSockets {

	private static final Log logger = LogFactory.getLog(JedisSockets.class);

	private final CooperativeSocketFactory sockets;

	/**
	 * Create an instance.
	 * @param sockets makes the sockets
	 */
	public JedisSockets(CooperativeSocketFactory sockets) {
		this.sockets = sockets;
	}

	/**
	 * Install the sockets into a client that is about to be built.
	 * @param client the client, with all of its settings
	 */
	public void install(AbstractClientBuilder<?, ?> client) {
		try {
			if (client instanceof StandaloneClientBuilder<?>
					&& get(client, "hostAndPort", StandaloneClientBuilder.class) instanceof HostAndPort server
					&& get(client, "poolConfig") instanceof GenericObjectPoolConfig<?> poolConfig
					&& get(client, "connectionProvider") == null && get(client, "cache") == null
					&& get(client, "cacheConfig") == null) {
				JedisClientConfig config = (get(client, "clientConfig") instanceof JedisClientConfig set) ? set
						: DefaultJedisClientConfig.builder().build();
				if (config.getAuthXManager() == null) {
					client.connectionProvider(new Provider(server, config, poolConfig, this.sockets));
				}
			}
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			logger.debug("No sockets installed into Jedis, which waits as it does by itself", ex);
		}
	}

	private static @Nullable Object get(AbstractClientBuilder<?, ?> client, String field)
			throws ReflectiveOperationException {
		return get(client, field, AbstractClientBuilder.class);
	}

	private static @Nullable Object get(AbstractClientBuilder<?, ?> client, String field, Class<?> type)
			throws ReflectiveOperationException {
		return BuilderFields.get(type, field, client);
	}

	private static final class Provider extends PooledConnectionProvider {

		private final HostAndPort server;

		@SuppressWarnings("unchecked")
		private Provider(HostAndPort server, JedisClientConfig config, GenericObjectPoolConfig<?> poolConfig,
				CooperativeSocketFactory sockets) {
			super(new ConnectionFactory(new CooperativeJedisSocketFactory(server, config, sockets), config),
					(GenericObjectPoolConfig<Connection>) poolConfig);
			this.server = server;
		}

		/**
		 * By the server, as if Jedis had made the factory.
		 */
		@Override
		public Map<?, Pool<Connection>> getConnectionMap() {
			return Map.of(this.server, getPool());
		}

	}

}
