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

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.LocalRequests;
import org.cooperativejdbc.pool.CooperativePools;
import org.cooperativejdbc.test.LoginProxy;
import org.cooperativejdbc.test.SilenceProxy;
import org.cooperativejdbc.test.SilenceProxy.Silence;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * Logins that take nearly as long as they may, and pools that each have their own idea of
 * how long that is. HikariCP tells a driver whole seconds, and all drivers of a JVM the
 * same.
 */
@Timeout(60)
class LoginTimeTests {

	private static final Duration LOGIN = Duration.ofMillis(1200);

	private static final String WITHOUT_JPA = "spring.autoconfigure.exclude="
			+ "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
			+ "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration";

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void loginWithinTheConnectionTimeoutSucceeds(boolean starter, String model) throws Exception {
		try (LoginProxy proxy = new LoginProxy(TestDatabase.instance(), true, LOGIN);
				ConfigurableApplicationContext context = Trial.start(starter, model, List.of(Application.class),
						"spring.datasource.url=" + proxy.url(), "spring.datasource.hikari.maximum-pool-size=1",
						"spring.datasource.hikari.connection-timeout=1900", WITHOUT_JPA)) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			await().atMost(Duration.ofSeconds(30))
				.ignoreExceptions()
				.until(() -> jdbc.queryForObject("select 1", Integer.class) == 1);
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void loginWithinTheTimeoutOfARequestSucceeds(boolean starter, String model) throws Exception {
		try (LoginProxy proxy = new LoginProxy(TestDatabase.instance(), true, LOGIN);
				ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, Requests.class)
					.web(WebApplicationType.SERVLET)
					.properties(TestDatabase.instance().properties())
					.properties("server.port=0", "cooperative.jdbc.enabled=" + starter,
							"cooperative.jdbc.model=" + model, "spring.threads.virtual.enabled=true",
							"spring.datasource.url=" + proxy.url(), "spring.datasource.hikari.maximum-pool-size=1",
							"cooperative.jdbc.request-timeout=2s", "cooperative.jdbc.pool.warm-up=false", WITHOUT_JPA)
					.run();
				HttpClient client = HttpClient.newHttpClient()) {
			URI uri = LocalRequests.uri(context, "/");
			HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build();
			await().atMost(Duration.ofSeconds(30))
				.until(() -> client.send(request, BodyHandlers.ofString()).statusCode() == 200);
		}
	}

	/**
	 * HikariCP adds a second before it gives up. There is no control: without the starter
	 * it depends on the order, and on the other tests of this JVM.
	 */
	@ParameterizedTest
	@CsvSource({ "virtual, true", "event-loop, false" })
	void eachPoolFailsInItsOwnTime(String model, boolean ascending) throws Exception {
		List<Integer> timeouts = ascending ? List.of(400, 2500) : List.of(2500, 400);
		try (SilenceProxy proxy = new SilenceProxy(TestDatabase.instance());
				ConfigurableApplicationContext context = Trial.start(true, model, List.of(Application.class),
						"cooperative.jdbc.pool.warm-up=false", WITHOUT_JPA)) {
			proxy.silence(Silence.ALL);
			List<HikariDataSource> pools = new ArrayList<>();
			Map<Integer, Long> elapsed = new ConcurrentHashMap<>();
			List<CompletableFuture<Void>> running = new ArrayList<>();
			for (int timeout : timeouts) {
				HikariDataSource config = Trial.pool(1);
				config.setJdbcUrl(proxy.url());
				config.setConnectionTimeout(timeout);
				HikariDataSource pool = context.getBean(CooperativePools.class).create("pool" + timeout, config);
				pools.add(pool);
				int connects = proxy.connects();
				running.add(CompletableFuture.runAsync(() -> {
					long began = System.nanoTime();
					assertThatException().isThrownBy(pool::getConnection);
					elapsed.put(timeout, Duration.ofNanos(System.nanoTime() - began).toMillis());
				}, Executors.newVirtualThreadPerTaskExecutor()));
				await().until(() -> proxy.connects() > connects);
			}
			Trial.succeed(running);
			pools.forEach(HikariDataSource::close);
			long longer = Objects.requireNonNull(elapsed.get(2500));
			assertThat(elapsed.get(400)).isBetween(400L, longer - 1000);
			assertThat(longer).isBetween(2500L, 15000L);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@RestController
	static class Requests {

		private final JdbcTemplate jdbc;

		Requests(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@GetMapping("/")
		Integer get() {
			return this.jdbc.queryForObject("select 1", Integer.class);
		}

	}

}
