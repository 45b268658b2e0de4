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
import java.util.Map;
import java.util.Objects;
import java.util.Set;

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
import redis.clients.jedis.builders.ClusterClientBuilder;
import redis.clients.jedis.builders.SentinelClientBuilder;
import redis.clients.jedis.builders.StandaloneClientBuilder;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ConnectionProvider;
import redis.clients.jedis.providers.PooledConnectionProvider;
import redis.clients.jedis.util.Delay;
import redis.clients.jedis.util.Pool;

/**
 * Installs sockets into clients of Jedis 7.3 and later: for one server, for a cluster and
 * for Sentinel. A client stays as it is if it has a connection provider already, or what
 * only Jedis' own provider can have: a client-side cache or token-based authentication.
 * May be used by any thread.
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
	 * Install the sockets into a client that is about to be built. For a cluster and for
	 * Sentinel this asks the servers, which otherwise happens when the client is built.
	 * @param client the client, with all of its settings
	 * @throws JedisException if none of the servers of a cluster or of Sentinel answers
	 */
	public void install(AbstractClientBuilder<?, ?> client) {
		try {
			Builder builder = new Builder(client);
			if (builder.leavesProviderToJedis()) {
				ConnectionProvider provider = provider(client, builder);
				if (provider != null) {
					client.connectionProvider(provider);
				}
			}
		}
		catch (JedisException ex) {
			throw ex;
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			logger.debug("No sockets installed into Jedis, which waits as it does by itself", ex);
		}
	}

	private @Nullable ConnectionProvider provider(AbstractClientBuilder<?, ?> client, Builder builder)
			throws ReflectiveOperationException {
		if (client instanceof StandaloneClientBuilder<?>) {
			HostAndPort server = builder.get("hostAndPort", StandaloneClientBuilder.class);
			return (server != null) ? new Provider(server, builder.config(), builder.poolConfig(), this.sockets) : null;
		}
		if (client instanceof ClusterClientBuilder<?>) {
			Set<HostAndPort> servers = builder.get("nodes", ClusterClientBuilder.class);
			Duration refreshPeriod = builder.get("topologyRefreshPeriod", ClusterClientBuilder.class);
			return (servers != null && !servers.isEmpty()) ? new JedisClusterProvider(servers, builder.config(),
					builder.poolConfig(), refreshPeriod, new JedisPools(this.sockets)) : null;
		}
		if (client instanceof SentinelClientBuilder<?>) {
			String primary = builder.get("masterName", SentinelClientBuilder.class);
			Set<HostAndPort> sentinels = builder.get("sentinels", SentinelClientBuilder.class);
			JedisClientConfig sentinelConfig = builder.get("sentinelClientConfig", SentinelClientBuilder.class);
			Delay reconnectDelay = Objects
				.requireNonNull(builder.get("sentinelReconnectDelay", SentinelClientBuilder.class));
			return (primary != null && !primary.isBlank() && sentinels != null && !sentinels.isEmpty())
					? new JedisSentinelProvider(primary, builder.config(), builder.poolConfig(), sentinels,
							orDefault(sentinelConfig), reconnectDelay, new JedisPools(this.sockets))
					: null;
		}
		return null;
	}

	private static JedisClientConfig orDefault(@Nullable JedisClientConfig config) {
		return (config != null) ? config : DefaultJedisClientConfig.builder().build();
	}

	/**
	 * What has been set in a builder, which does not tell.
	 */
	private record Builder(AbstractClientBuilder<?, ?> client) {

		private boolean leavesProviderToJedis() throws ReflectiveOperationException {
			return get("connectionProvider") == null && get("cache") == null && get("cacheConfig") == null
					&& config().getAuthXManager() == null && get("poolConfig") != null;
		}

		private JedisClientConfig config() throws ReflectiveOperationException {
			return orDefault(get("clientConfig"));
		}

		private GenericObjectPoolConfig<Connection> poolConfig() throws ReflectiveOperationException {
			return Objects.requireNonNull(get("poolConfig"));
		}

		private <T> @Nullable T get(String field) throws ReflectiveOperationException {
			return get(field, AbstractClientBuilder.class);
		}

		@SuppressWarnings("unchecked")
		private <T> @Nullable T get(String field, Class<?> type) throws ReflectiveOperationException {
			return (T) BuilderFields.get(type, field, this.client);
		}

	}

	private static final class Provider extends PooledConnectionProvider {

		private final HostAndPort server;

		private Provider(HostAndPort server, JedisClientConfig config, GenericObjectPoolConfig<Connection> poolConfig,
				CooperativeSocketFactory sockets) {
			super(new ConnectionFactory(new CooperativeJedisSocketFactory(server, config, sockets), config),
					poolConfig);
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
