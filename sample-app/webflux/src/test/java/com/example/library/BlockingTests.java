package com.example.library;

import org.cooperativejdbc.spring.test.TestPostgresql;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.reactive.server.assertj.WebTestClientResponse;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * BlockHound watches the event loops in all tests. What fails here is what it is for; the
 * JPA code of the application blocks as well, but on virtual threads.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureWebTestClient
@Import({ TestPostgresql.class, BlockingTests.Routes.class })
class BlockingTests {

	@Autowired
	private WebTestClient client;

	@Test
	void eventLoopMustNotBlock() {
		assertThat(get("/blocking")).hasStatus(HttpStatus.INTERNAL_SERVER_ERROR);
	}

	@Test
	void controllersMayBlock() {
		assertThat(get("/books")).hasStatusOk();
		assertThat(get("/slow-queries?seconds=0.1")).hasStatusOk();
	}

	private WebTestClientResponse get(String uri) {
		return WebTestClientResponse.from(this.client.get().uri(uri).exchange().expectBody().returnResult());
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Routes {

		@Bean
		RouterFunction<ServerResponse> blocking() {
			return RouterFunctions.route().GET("/blocking", (request) -> Mono.fromCallable(() -> {
				Thread.sleep(1);
				return "slept";
			}).flatMap((slept) -> ServerResponse.ok().bodyValue(slept))).build();
		}

	}

}
