package com.example.library.loan;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import com.example.library.TestBooks;
import com.jayway.jsonpath.JsonPath;
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
class LoanTests {

	private static final int ADA = 1;

	@Autowired
	private WebTestClient client;

	@Test
	void lendsABookAndTakesItBack() {
		int book = newBook("There and Back Again", 1);
		WebTestClientResponse lent = lend(ADA, book);
		assertThat(lent).hasStatus(HttpStatus.CREATED).bodyJson().isLenientlyEqualTo("""
				[ { "book": "There and Back Again", "member": "Ada", "returned": null } ]
				""");
		assertThat(available(book)).isZero();
		assertThat(openLoans()).contains("There and Back Again");
		String loan = "/loans/" + number(lent, "$[0].id");
		assertThat(post(loan + "/return", Map.of())).hasStatusOk().bodyJson().extractingPath("$.returned").isNotNull();
		assertThat(available(book)).isOne();
		assertThat(openLoans()).doesNotContain("There and Back Again");
		assertThat(get(loan)).hasStatusOk();
	}

	@Test
	void doesNotLendWhatIsLent() {
		int book = newBook("Only One", 1);
		assertThat(lend(ADA, book)).hasStatus(HttpStatus.CREATED);
		assertThat(lend(ADA, book)).hasStatus(HttpStatus.CONFLICT)
			.bodyJson()
			.extractingPath("$.detail")
			.isEqualTo("All copies of 'Only One' are lent");
	}

	@Test
	void lendsNothingWhenOneOfTheBooksIsLent() {
		int there = newBook("Still There", 2);
		int lent = newBook("Gone", 1);
		assertThat(lend(ADA, lent)).hasStatus(HttpStatus.CREATED);
		assertThat(lend(ADA, there, lent)).hasStatus(HttpStatus.CONFLICT);
		assertThat(available(there)).isEqualTo(2);
		assertThat(openLoans()).doesNotContain("Still There");
	}

	@Test
	void lendsTheLastCopyOnceHoweverManyAsk() {
		int book = newBook("Wanted", 1);
		try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			List<CompletableFuture<WebTestClientResponse>> answers = IntStream.range(0, 8)
				.mapToObj((i) -> CompletableFuture.supplyAsync(() -> lend(ADA, book), executor))
				.toList();
			assertThat(answers).map((answer) -> answer.join().getExchangeResult().getStatus().value())
				.containsOnly(201, 409)
				.containsOnlyOnce(201);
		}
		assertThat(available(book)).isZero();
	}

	@Test
	void takesABookBackOnlyOnce() {
		String loan = "/loans/" + number(lend(ADA, newBook("Back Once", 1)), "$[0].id");
		assertThat(post(loan + "/return", Map.of())).hasStatusOk();
		assertThat(post(loan + "/return", Map.of())).hasStatus(HttpStatus.CONFLICT);
	}

	@Test
	void refusesALoanOfNothing() {
		assertThat(lend(ADA)).hasStatus(HttpStatus.BAD_REQUEST)
			.bodyJson()
			.extractingPath("$.errors")
			.asMap()
			.containsOnlyKeys("bookIds");
	}

	@Test
	void lendsToMembersOnly() {
		assertThat(lend(0, newBook("Members Only", 1))).hasStatus(HttpStatus.NOT_FOUND);
	}

	@Test
	void doesNotKnowEveryLoan() {
		assertThat(get("/loans/0")).hasStatus(HttpStatus.NOT_FOUND);
	}

	private int newBook(String title, int copies) {
		return number(post("/books", TestBooks.book(title, copies)), "$.id");
	}

	private WebTestClientResponse lend(int member, Integer... books) {
		return post("/loans", Map.of("memberId", member, "bookIds", List.of(books)));
	}

	private int available(int book) {
		return number(get("/books/" + book), "$.available");
	}

	private List<String> openLoans() {
		return JsonPath.read(json(get("/loans")), "$[*].book");
	}

	private int number(WebTestClientResponse response, String path) {
		return JsonPath.read(json(response), path);
	}

	private String json(WebTestClientResponse response) {
		return new String(response.getExchangeResult().getResponseBodyContent(), StandardCharsets.UTF_8);
	}

	private WebTestClientResponse get(String uri) {
		return WebTestClientResponse.from(this.client.get().uri(uri).exchange().expectBody().returnResult());
	}

	private WebTestClientResponse post(String uri, Map<String, Object> body) {
		return WebTestClientResponse
			.from(this.client.post().uri(uri).bodyValue(body).exchange().expectBody().returnResult());
	}

}
