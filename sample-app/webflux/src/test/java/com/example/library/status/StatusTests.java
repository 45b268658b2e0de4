package com.example.library.status;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.spring.junit.EnsureCooperative;
import org.cooperativejdbc.spring.test.TestPostgresql;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.reactive.server.assertj.WebTestClientResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureWebTestClient
@Import(TestPostgresql.class)
@EnsureCooperative
class StatusTests {

	@Autowired
	private WebTestClient client;

	@Autowired
	private CooperativeJdbc cooperativeJdbc;

	@Autowired
	private JdbcClient jdbcClient;

	@LocalServerPort
	private int port;

	@Test
	void startPageShowsTheModel() {
		assertThat(get("/")).hasStatusOk()
			.hasContentTypeCompatibleWith(MediaType.TEXT_HTML)
			.bodyText()
			.contains("id=\"model\">" + this.cooperativeJdbc.model() + "<")
			.contains("VirtualThread[")
			.contains("data-model=\"platform\"", "data-model=\"virtual\"", "data-model=\"event-loop\"");
	}

	@Test
	void statusTellsModelThreadsAndDataSources() {
		Status status = status();
		assertThat(status.model()).isEqualTo(this.cooperativeJdbc.model().toString());
		assertThat(status.reason()).isEqualTo(this.cooperativeJdbc.reason());
		assertThat(status.thread()).startsWith("VirtualThread[");
		assertThat(status.platformThreads()).isPositive();
		assertThat(status.statementsInFlight()).isNotNegative();
		assertThat(status.dataSources()).containsKey("dataSource");
	}

	@Test
	void thirtySlowRequestsAreInFlightAtOnce() {
		HttpRequest request = request("/slow-queries?seconds=3").build();
		try (HttpClient http = HttpClient.newHttpClient()) {
			List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 30)
				.mapToObj((i) -> http.sendAsync(request, BodyHandlers.ofString()))
				.toList();
			await().until(this::slowQueriesInFlight, (count) -> count == 30);
			assertThat(answers).allSatisfy((answer) -> assertThat(answer.join().statusCode()).isEqualTo(200));
		}
	}

	@Test
	void refusesToSleepTooLong() {
		assertThat(get("/slow-queries?seconds=3600")).hasStatus(HttpStatus.BAD_REQUEST);
	}

	private Status status() {
		return this.client.get().uri("/status").exchange().expectBody(Status.class).returnResult().getResponseBody();
	}

	private int slowQueriesInFlight() {
		return this.jdbcClient.sql("""
				select count(*) from pg_stat_activity
				where state = 'active' and query like '%pg_sleep%' and pid <> pg_backend_pid()
				""").query(Integer.class).single();
	}

	private HttpRequest.Builder request(String uri) {
		return HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + uri));
	}

	private WebTestClientResponse get(String uri) {
		return WebTestClientResponse.from(this.client.get().uri(uri).exchange().expectBody().returnResult());
	}

}
