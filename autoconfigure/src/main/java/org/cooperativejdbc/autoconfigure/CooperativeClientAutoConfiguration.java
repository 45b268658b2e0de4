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

package org.cooperativejdbc.autoconfigure;

import java.util.List;
import java.util.Optional;

import org.apache.commons.pool2.impl.GenericObjectPool;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.driver.HttpClientSockets;
import org.cooperativejdbc.driver.JedisSockets;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.RedisClient;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.data.redis.autoconfigure.JedisClientConfigurationBuilderCustomizer;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.annotation.Order;
import org.springframework.data.redis.connection.jedis.JedisClientBuilderCustomizer;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for clients that are not database
 * drivers, where Spring Boot creates them: their threads wait as they do for a database.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.enabled", matchIfMissing = true)
@ConditionalOnConcurrencyModel({ ConcurrencyModel.VIRTUAL, ConcurrencyModel.EVENT_LOOP })
@ConditionalOnBean(CooperativeSockets.class)
public final class CooperativeClientAutoConfiguration {

	private CooperativeClientAutoConfiguration() {
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ DetachedSocketFactory.class, HttpComponentsClientHttpRequestFactoryBuilder.class })
	@ConditionalOnBooleanProperty(name = "cooperative.jdbc.clients.apache-http-client", matchIfMissing = true)
	@ImportRuntimeHints(ClientRuntimeHints.class)
	static class ApacheHttpClientConfiguration {

		@Bean
		ApacheHttpClientCustomizer cooperativeJdbcApacheHttpClientCustomizer(CooperativeSockets sockets) {
			return new ApacheHttpClientCustomizer(new HttpClientSockets(sockets.clients()));
		}

	}

	/**
	 * Comes before any other, so that a connection manager of the user's has the last
	 * word; the settings are read when all others have been applied.
	 *
	 * @param sockets the sockets
	 */
	record ApacheHttpClientCustomizer(HttpClientSockets sockets)
			implements
				ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder>,
				PriorityOrdered {

		@Override
		public HttpComponentsClientHttpRequestFactoryBuilder customize(
				HttpComponentsClientHttpRequestFactoryBuilder builder) {
			return builder.withConnectionManagerCustomizer(this.sockets::use)
				.withHttpClientCustomizer(this.sockets::install);
		}

		@Override
		public int getOrder() {
			return Ordered.HIGHEST_PRECEDENCE;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ GenericObjectPool.class, RedisClient.class, JedisClientBuilderCustomizer.class,
			JedisClientConfigurationBuilderCustomizer.class })
	@ConditionalOnBooleanProperty(name = "cooperative.jdbc.clients.jedis", matchIfMissing = true)
	@ImportRuntimeHints(ClientRuntimeHints.class)
	static class JedisConfiguration {

		/**
		 * Comes last, so that what the user has set is known.
		 */
		@Bean
		@Order(Ordered.LOWEST_PRECEDENCE)
		JedisClientConfigurationBuilderCustomizer cooperativeJdbcJedisCustomizer(CooperativeSockets sockets) {
			JedisSockets jedis = new JedisSockets(sockets.clients());
			return (configuration) -> {
				Optional<JedisClientBuilderCustomizer> users = configuration.build().getClientCustomizer();
				configuration.customizeClient((client) -> {
					users.ifPresent((customizer) -> customizer.customize(client));
					jedis.install(client);
				});
			};
		}

	}

	static class ClientRuntimeHints implements RuntimeHintsRegistrar {

		private static final List<String> FIELDS_READ = List.of(
				"org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder",
				"redis.clients.jedis.ConnectionFactory", "redis.clients.jedis.builders.AbstractClientBuilder",
				"redis.clients.jedis.builders.ClusterClientBuilder",
				"redis.clients.jedis.builders.SentinelClientBuilder",
				"redis.clients.jedis.builders.StandaloneClientBuilder");

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			for (String type : FIELDS_READ) {
				hints.reflection().registerTypeIfPresent(classLoader, type, MemberCategory.ACCESS_DECLARED_FIELDS);
			}
		}

	}

}
