package com.example.library.error;

import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.datasource.hikari.maximum-pool-size=2", "cooperative.jdbc.admission.reserve=1",
				"cooperative.jdbc.admission.max-waiting=0" })
@AutoConfigureWebTestClient
class OverloadTests {

	@Autowired
	private WebTestClient client;

	@Autowired
	private PlatformTransactionManager transactionManager;

	@Test
	void requestThatFindsNoConnectionIsAskedToComeAgain() throws InterruptedException {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		Thread thread = Thread.startVirtualThread(() -> new TransactionTemplate(this.transactionManager)
			.executeWithoutResult((status) -> hold(begun, end)));
		begun.await();
		try {
			this.client.get()
				.uri("/slow-queries?seconds=0")
				.exchange()
				.expectStatus()
				.isEqualTo(HttpStatus.SERVICE_UNAVAILABLE)
				.expectHeader()
				.valueEquals(HttpHeaders.RETRY_AFTER, "1")
				.expectBody()
				.jsonPath("$.detail")
				.isEqualTo("Please try again later");
		}
		finally {
			end.countDown();
			thread.join();
		}
		this.client.get().uri("/slow-queries?seconds=0").exchange().expectStatus().isOk();
	}

	private static void hold(CountDownLatch begun, CountDownLatch end) {
		begun.countDown();
		try {
			end.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
