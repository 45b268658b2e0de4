package com.example.library.book;

import java.util.Map;

import com.example.library.TestBooks;
import org.cooperativejdbc.spring.junit.EnsureCooperative;
import org.cooperativejdbc.spring.test.TestPostgresql;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.reactive.server.assertj.WebTestClientResponse;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureWebTestClient
@Import(TestPostgresql.class)
@EnsureCooperative
class BookTests {

	@Autowired
	private WebTestClient client;

	@Test
	void listsTheFirstBooks() {
		assertThat(get("/books")).hasStatusOk()
			.bodyJson()
			.extractingPath("$[*].title")
			.asArray()
			.contains("A Pattern Language", "Java Concurrency in Practice");
	}

	@Test
	void findsBooksByPartOfTheirTitle() {
		assertThat(get("/books/search?title=CONCURRENCY")).hasStatusOk()
			.bodyJson()
			.extractingPath("$[*].author")
			.asArray()
			.containsExactly("Brian Goetz");
	}

	@Test
	void doesNotSearchForNothing() {
		assertThat(get("/books/search")).hasStatus(HttpStatus.BAD_REQUEST)
			.hasContentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON);
	}

	@Test
	void createsABookWithAllItsCopiesAvailable() {
		WebTestClientResponse created = post(TestBooks.book("Brand New", 3));
		assertThat(created).hasStatus(HttpStatus.CREATED);
		String location = created.getExchangeResult().getResponseHeaders().getLocation().toString();
		assertThat(get(location)).hasStatusOk().bodyJson().isLenientlyEqualTo("""
				{ "title": "Brand New", "author": "Anon", "copies": 3, "available": 3 }
				""");
	}

	@Test
	void refusesABookThatIsHereAlready() {
		Map<String, Object> book = TestBooks.book("Twice", 1);
		assertThat(post(book)).hasStatus(HttpStatus.CREATED);
		assertThat(post(book)).hasStatus(HttpStatus.CONFLICT)
			.hasContentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON)
			.bodyJson()
			.extractingPath("$.detail")
			.asString()
			.contains((String) book.get("isbn"));
	}

	@Test
	void tellsEveryFieldThatIsWrong() {
		assertThat(post(Map.of("isbn", "9780000000000", "title", " ", "copies", 0))).hasStatus(HttpStatus.BAD_REQUEST)
			.hasContentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON)
			.bodyJson()
			.extractingPath("$.errors")
			.asMap()
			.containsOnlyKeys("isbn", "title", "author", "copies");
	}

	@Test
	void doesNotKnowEveryBook() {
		assertThat(get("/books/0")).hasStatus(HttpStatus.NOT_FOUND)
			.hasContentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON)
			.bodyJson()
			.extractingPath("$.detail")
			.isEqualTo("There is no book 0");
	}

	private WebTestClientResponse get(String uri) {
		return WebTestClientResponse.from(this.client.get().uri(uri).exchange().expectBody().returnResult());
	}

	private WebTestClientResponse post(Map<String, Object> book) {
		return WebTestClientResponse
			.from(this.client.post().uri("/books").bodyValue(book).exchange().expectBody().returnResult());
	}

}
