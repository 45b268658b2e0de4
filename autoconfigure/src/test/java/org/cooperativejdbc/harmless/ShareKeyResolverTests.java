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

package org.cooperativejdbc.harmless;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.ShareKey;
import org.cooperativejdbc.ShareKeyResolver;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.context.request.RequestContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Applications whose places are divided, by beans that tell keys in ways of their own.
 */
@Timeout(60)
class ShareKeyResolverTests {

	private static final String SIZE = "spring.datasource.hikari.maximum-pool-size=1";

	/**
	 * A request that is none; and a lookup in the database itself, beside workers that
	 * are waited for while beans are created.
	 */
	@ParameterizedTest
	@CsvSource({ "false, false, RequestResolver", "true, false, RequestResolver", "true, true, RequestResolver",
			"false, false, LookupResolver", "true, false, LookupResolver", "true, true, LookupResolver" })
	void everybodyIsServed(boolean starter, boolean lazy, String configuration) throws Exception {
		Class<?> type = Class.forName(ShareKeyResolverTests.class.getName() + "$" + configuration);
		try (ConfigurableApplicationContext context = Trial.start(starter, "virtual", List.of(Application.class, type),
				SIZE, "spring.main.lazy-initialization=" + lazy)) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			Trial.succeed(Trial.inThreads(context, 16, () -> jdbc.queryForObject("select 1", Integer.class)));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void beanTellsTheKey(boolean lazy) throws Exception {
		try (ConfigurableApplicationContext context = Trial.start(true, "virtual",
				List.of(Application.class, TwoResolvers.class), SIZE, "spring.main.lazy-initialization=" + lazy)) {
			CooperativeDataSource pool = context.getBean(CooperativeDataSource.class);
			assertThat(pool.shares()).containsExactly("other");
			Queue<String> served = new ConcurrentLinkedQueue<>();
			List<CompletableFuture<?>> all = new ArrayList<>();
			try (Connection connection = pool.getConnection()) {
				for (int i = 0; i < 100; i++) {
					all.add(borrow(pool, "flood", served));
				}
				await().until(() -> pool.getThreadsInQueue() == 100);
				all.add(borrow(pool, "other", served));
				await().until(() -> pool.getThreadsInQueue() == 101);
			}
			CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
			assertThat(List.copyOf(served).indexOf("other")).isBetween(0, 50);
		}
	}

	private static CompletableFuture<?> borrow(HikariDataSource pool, String tenant, Queue<String> served) {
		CompletableFuture<Boolean> done = new CompletableFuture<>();
		Thread.ofVirtual().name(tenant).start(() -> {
			try (Connection connection = pool.getConnection()) {
				done.complete(served.add(tenant));
			}
			catch (SQLException ex) {
				done.completeExceptionally(ex);
			}
		});
		return done;
	}

	@Test
	void placesAreDividedWhereSomebodyAskedForIt() {
		assertThat(shares()).isEmpty();
		assertThat(shares("cooperative.jdbc.admission.shares.enabled=true")).containsExactly("other");
		assertThat(shares("cooperative.jdbc.web.share-header=X-Tenant")).containsExactly("other");
		assertThat(shares("cooperative.jdbc.admission.shares.weights.gold=2")).containsExactly("gold", "other");
		assertThat(shares("cooperative.jdbc.pools.dataSource.shares.weights.gold=2")).containsExactly("gold", "other");
		assertThat(shares("cooperative.jdbc.pools.dataSource.shares.weights.gold=2",
				"cooperative.jdbc.admission.shares.weights.silver=2"))
			.containsExactly("gold", "other");
		assertThat(shares("cooperative.jdbc.pools.dataSource.shares.enabled=false",
				"cooperative.jdbc.admission.shares.weights.silver=2"))
			.isEmpty();
	}

	private static List<String> shares(String... properties) {
		List<String> shares = new ArrayList<>();
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("cooperative.jdbc.model=virtual", "spring.datasource.url=jdbc:h2:mem:shares")
			.withPropertyValues(properties)
			.run((context) -> shares.addAll(context.getBean(CooperativeDataSource.class).shares()));
		return shares;
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class RequestResolver {

		@Bean
		ShareKeyResolver requestResolver() {
			return () -> RequestContextHolder.currentRequestAttributes().getSessionId();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoResolvers {

		@Bean
		ShareKeyResolver nothing() {
			return () -> null;
		}

		@Bean
		ShareKeyResolver nameOfTheThread() {
			return () -> Thread.currentThread().getName();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LookupResolver {

		@Bean
		InitializingBean early(JdbcTemplate jdbc) {
			return () -> {
				List<CompletableFuture<@Nullable Integer>> workers = new ArrayList<>();
				for (int i = 0; i < 8; i++) {
					CompletableFuture<@Nullable Integer> worker = new CompletableFuture<>();
					Thread.ofVirtual().start(() -> {
						try (ShareKey.Scope scope = new ShareKey("early").enter()) {
							worker.complete(jdbc.queryForObject("select 1 from pg_sleep(0.01)", Integer.class));
						}
						catch (RuntimeException ex) {
							worker.completeExceptionally(ex);
						}
					});
					workers.add(worker);
				}
				for (CompletableFuture<@Nullable Integer> worker : workers) {
					worker.get(Trial.TIMEOUT_SECONDS, TimeUnit.SECONDS);
				}
			};
		}

		@Bean
		ShareKeyResolver lookup(JdbcTemplate jdbc) {
			return () -> jdbc.queryForObject("select current_user", String.class);
		}

	}

}
