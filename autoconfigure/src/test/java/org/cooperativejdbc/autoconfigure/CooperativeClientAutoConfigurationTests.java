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

import com.zaxxer.hikari.HikariDataSource;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.cooperativejdbc.autoconfigure.CooperativeClientAutoConfiguration.ApacheHttpClientCustomizer;
import org.cooperativejdbc.autoconfigure.CooperativeClientAutoConfiguration.ClientRuntimeHints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.builders.AbstractClientBuilder;
import redis.clients.jedis.builders.ClusterClientBuilder;
import redis.clients.jedis.builders.SentinelClientBuilder;
import redis.clients.jedis.builders.StandaloneClientBuilder;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.JedisClientConfigurationBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When clients that are not database drivers are customized.
 */
class CooperativeClientAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class, EventLoopAutoConfiguration.class,
					CooperativeClientAutoConfiguration.class, HttpClientAutoConfiguration.class,
					ImperativeHttpClientAutoConfiguration.class, DataRedisAutoConfiguration.class));

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void clientsAreCustomized(String model) {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ApacheHttpClientCustomizer.class)
				.hasSingleBean(JedisClientConfigurationBuilderCustomizer.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "cooperative.jdbc.model=platform", "cooperative.jdbc.enabled=false" })
	void nothingIsCustomized(String property) {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual", property)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(ApacheHttpClientCustomizer.class)
				.doesNotHaveBean(JedisClientConfigurationBuilderCustomizer.class));
	}

	@Test
	void eachClientCanBeLeftAlone() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.clients.apache-http-client=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ApacheHttpClientCustomizer.class)
				.hasSingleBean(JedisClientConfigurationBuilderCustomizer.class));
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.clients.jedis=false")
			.run((context) -> assertThat(context).hasSingleBean(ApacheHttpClientCustomizer.class)
				.doesNotHaveBean(JedisClientConfigurationBuilderCustomizer.class));
	}

	@Test
	void applicationWithoutHttpClientStarts() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual")
			.withClassLoader(new FilteredClassLoader("org.apache.hc.client5"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean("cooperativeJdbcApacheHttpClientCustomizer")
				.hasSingleBean(JedisClientConfigurationBuilderCustomizer.class));
	}

	@Test
	void applicationWithoutJedisStarts() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual")
			.withClassLoader(new FilteredClassLoader("redis.clients.jedis"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ApacheHttpClientCustomizer.class)
				.doesNotHaveBean("cooperativeJdbcJedisCustomizer"));
	}

	/**
	 * Jedis before 7.3.
	 */
	@Test
	void applicationWithOldJedisStarts() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual")
			.withClassLoader(new FilteredClassLoader(RedisClient.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("cooperativeJdbcJedisCustomizer"));
	}

	@Test
	void applicationWithoutHikariStarts() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual")
			.withClassLoader(new FilteredClassLoader(HikariDataSource.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ApacheHttpClientCustomizer.class));
	}

	@Test
	void fieldsThatAreReadHaveHints() {
		RuntimeHints hints = new RuntimeHints();
		new ClientRuntimeHints().registerHints(hints, getClass().getClassLoader());
		assertThat(new Class<?>[] { PoolingHttpClientConnectionManagerBuilder.class, AbstractClientBuilder.class,
				ClusterClientBuilder.class, ConnectionFactory.class, SentinelClientBuilder.class,
				StandaloneClientBuilder.class })
			.allSatisfy((type) -> assertThat(RuntimeHintsPredicates.reflection()
				.onType(type)
				.withMemberCategory(MemberCategory.ACCESS_DECLARED_FIELDS)).accepts(hints));
	}

}
