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

import java.lang.reflect.Field;

import org.cooperativejdbc.socket.CooperativeSocketFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.util.Pool;

/**
 * Installs sockets into the pools that Jedis makes for the servers of a cluster and for
 * the primary of Sentinel, which it does without asking anybody. Connections that a pool
 * has made before keep the sockets they have. May be used by any thread.
 */
final class JedisPools {

	private final CooperativeSocketFactory sockets;

	private final Field connectionBuilder;

	/**
	 * Create an instance.
	 * @throws ReflectiveOperationException if Jedis is another one than is known, or in a
	 * native image without hints
	 */
	JedisPools(CooperativeSocketFactory sockets) throws ReflectiveOperationException {
		this.sockets = sockets;
		this.connectionBuilder = ConnectionFactory.class.getDeclaredField("connectionBuilder");
		this.connectionBuilder.setAccessible(true);
	}

	/**
	 * Install the sockets into a pool, unless it has them or others than those of Jedis.
	 */
	void install(Pool<Connection> pool) {
		if (pool.getFactory() instanceof ConnectionFactory factory
				&& builder(factory) instanceof Connection.Builder builder
				&& builder.getSocketFactory() instanceof DefaultJedisSocketFactory known
				&& known.getClass() == DefaultJedisSocketFactory.class) {
			builder.socketFactory(
					new CooperativeJedisSocketFactory(known.getHostAndPort(), builder.getClientConfig(), this.sockets));
		}
	}

	private Object builder(ConnectionFactory factory) {
		try {
			return this.connectionBuilder.get(factory);
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
