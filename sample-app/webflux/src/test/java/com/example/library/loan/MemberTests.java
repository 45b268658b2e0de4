package com.example.library.loan;

import java.util.Map;

import org.cooperativejdbc.spring.junit.EnsureCooperative;
import org.cooperativejdbc.spring.test.TestPostgresql;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.reactive.server.assertj.WebTestClientResponse;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureWebTestClient
@Import(TestPostgresql.class)
@EnsureCooperative
class MemberTests {

	@Autowired
	private WebTestClient client;

	@Test
	void listsTheFirstMembers() {
		assertThat(get("/members")).hasStatusOk()
			.bodyJson()
			.extractingPath("$[*].name")
			.asArray()
			.contains("Ada", "Grace");
	}

	@Test
	void createsAMember() {
		WebTestClientResponse created = post(Map.of("name", "Edsger", "email", "edsger@example.com"));
		assertThat(created).hasStatus(HttpStatus.CREATED);
		String location = created.getExchangeResult().getResponseHeaders().getLocation().toString();
		assertThat(get(location)).hasStatusOk().bodyJson().extractingPath("$.name").isEqualTo("Edsger");
	}

	@Test
	void refusesAMemberWithoutAnAddress() {
		assertThat(post(Map.of("name", "Nobody", "email", "nowhere"))).hasStatus(HttpStatus.BAD_REQUEST)
			.bodyJson()
			.extractingPath("$.errors")
			.asMap()
			.containsOnlyKeys("email");
	}

	@Test
	void doesNotKnowEveryMember() {
		assertThat(get("/members/0")).hasStatus(HttpStatus.NOT_FOUND);
	}

	private WebTestClientResponse get(String uri) {
		return WebTestClientResponse.from(this.client.get().uri(uri).exchange().expectBody().returnResult());
	}

	private WebTestClientResponse post(Map<String, Object> member) {
		return WebTestClientResponse
			.from(this.client.post().uri("/members").bodyValue(member).exchange().expectBody().returnResult());
	}

}
