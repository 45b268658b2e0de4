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
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.cooperativejdbc.LocalRequests;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Requests that hold their session, and with it a connection, until their response is
 * written, ten times as many at once as the pool has connections.
 */
@Timeout(60)
class OpenInViewTests {

	private static final int REQUESTS = 40;

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void everyRequestIsServed(boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model);
				HttpClient client = HttpClient.newHttpClient()) {
			URI uri = LocalRequests.uri(context, "/view");
			List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
			for (int i = 0; i < REQUESTS; i++) {
				responses.add(client.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()));
			}
			for (CompletableFuture<HttpResponse<String>> response : responses) {
				HttpResponse<String> answer = response.get(Trial.TIMEOUT_SECONDS, TimeUnit.SECONDS);
				assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
				assertThat(answer.body()).isEqualTo("true");
			}
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			await().untilAsserted(() -> assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero());
			if (pool instanceof CooperativeDataSource cooperative) {
				await().untilAsserted(() -> assertThat(cooperative.getPlacesTaken()).isZero());
			}
		}
	}

	private static ConfigurableApplicationContext start(boolean starter, String model) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.SERVLET)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"cooperative.jdbc.admission.enabled=true",
					"spring.threads.virtual.enabled=" + !model.equals("platform"), "spring.jpa.open-in-view=true",
					"spring.datasource.hikari.maximum-pool-size=4", "spring.datasource.hikari.connection-timeout=15000",
					"server.port=0")
			.run();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(View.class)
	static class Application {

	}

	/**
	 * Works in a transaction, and then goes on with the same connection.
	 */
	@RestController
	static class View {

		private final EntityManager entityManager;

		private final TransactionTemplate template;

		View(EntityManagerFactory entityManagerFactory, PlatformTransactionManager transactionManager) {
			this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory);
			this.template = new TransactionTemplate(transactionManager);
		}

		@GetMapping("/view")
		boolean view() {
			Object inTransaction = this.template.execute((status) -> backend());
			return backend().equals(inTransaction);
		}

		private Object backend() {
			return this.entityManager.createNativeQuery("select pg_backend_pid() from pg_sleep(0.01)")
				.getSingleResult();
		}

	}

}
