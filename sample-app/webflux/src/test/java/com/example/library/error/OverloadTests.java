package com.example.library.error;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.cooperativejdbc.spring.test.TestPostgresql;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.reactive.server.WebTestClient;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.datasource.hikari.maximum-pool-size=2", "cooperative.jdbc.admission.max-waiting=0" })
@AutoConfigureWebTestClient
@Import(TestPostgresql.class)
class OverloadTests {

	@Autowired
	private WebTestClient client;

	@Autowired
	private DataSource dataSource;

	@Test
	void requestThatFindsNoConnectionIsAskedToComeAgain() throws SQLException {
		try (Connection one = this.dataSource.getConnection(); Connection other = this.dataSource.getConnection()) {
			assertThat(one.isValid(1) && other.isValid(1)).isTrue();
			this.client.get()
				.uri("/slow-queries?seconds=0")
				.exchange()
				.expectStatus()
				.isEqualTo(HttpStatus.SERVICE_UNAVAILABLE)
				.expectHeader()
				.valueMatches(HttpHeaders.RETRY_AFTER, "[1-9][0-9]?")
				.expectBody()
				.jsonPath("$.detail")
				.isEqualTo("Please try again later");
		}
		this.client.get().uri("/slow-queries?seconds=0").exchange().expectStatus().isOk();
	}

}
