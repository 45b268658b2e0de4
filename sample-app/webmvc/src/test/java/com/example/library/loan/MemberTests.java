package com.example.library.loan;

import java.util.Map;

import org.cooperativejdbc.spring.junit.EnsureCooperative;
import org.cooperativejdbc.spring.test.TestPostgresql;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.resttestclient.autoconfigure.AutoConfigureRestTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.assertj.RestTestClientResponse;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureRestTestClient
@Import(TestPostgresql.class)
@EnsureCooperative
class MemberTests {

	@Autowired
	private RestTestClient client;

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
		RestTestClientResponse created = post(Map.of("name", "Edsger", "email", "edsger@example.com"));
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

	private RestTestClientResponse get(String uri) {
		return RestTestClientResponse.from(this.client.get().uri(uri).exchange().expectBody().returnResult());
	}

	private RestTestClientResponse post(Map<String, Object> member) {
		return RestTestClientResponse
			.from(this.client.post().uri("/members").body(member).exchange().expectBody().returnResult());
	}

}
