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

package org.cooperativejdbc.spring;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.reactor.ReactorCalls;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the documentation shows of the doors under Spring, run. The text between two tags
 * is that of the page {@code docs/reactive.md}.
 */
@NullUnmarked
class SpringProgrammingTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	@Test
	void page() throws Exception {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("spring.threads.virtual.enabled=true", "cooperative.jdbc.executors.reports.limit=4",
					"cooperative.jdbc.executors.reports.queue-capacity=100")
			.run()) {
			context.getBean(JdbcClient.class).sql("drop table if exists book").update();
			context.getBean(JdbcClient.class).sql("create table book (title text)").update();
			Books books = context.getBean(Books.class);
			assertThat(books.add("Emma").block(LONG)).isEqualTo("Emma");
			assertThat(books.titles().collectList().block(LONG)).containsExactly("Emma");
			assertThat(context.getBean(Library.class).count().block(LONG)).isOne();
			assertThat(context.getBean(Reports.class).titles().get(20, TimeUnit.SECONDS)).containsExactly("Emma");
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableAsync
	@Import({ Books.class, Library.class, Reports.class })
	static class Application {

	}

	// tag::annotation[]
	@Service
	static class Books {

		private final JdbcTemplate jdbcTemplate;

		Books(JdbcTemplate jdbcTemplate) {
			this.jdbcTemplate = jdbcTemplate;
		}

		@CooperativeCall
		@Transactional
		Mono<String> add(String title) {
			this.jdbcTemplate.update("insert into book values (?)", title);
			return Mono.just(title);
		}

		@CooperativeCall
		@Transactional(readOnly = true)
		Flux<String> titles() {
			return Flux.fromStream(this.jdbcTemplate.queryForStream("select title from book",
					(row, number) -> row.getString("title")));
		}

	}
	// end::annotation[]

	// tag::injected[]
	@Service
	static class Library {

		private final ReactorCalls calls;

		private final JdbcClient jdbcClient;

		Library(ReactorCalls calls, JdbcClient jdbcClient) {
			this.calls = calls;
			this.jdbcClient = jdbcClient;
		}

		Mono<Integer> count() {
			return this.calls
				.fromCallable(() -> this.jdbcClient.sql("select count(*) from book").query(Integer.class).single());
		}

	}
	// end::injected[]

	// tag::reports[]
	@Service
	static class Reports {

		private final JdbcClient jdbcClient;

		Reports(JdbcClient jdbcClient) {
			this.jdbcClient = jdbcClient;
		}

		@Async("reports")
		CompletableFuture<List<String>> titles() {
			return CompletableFuture
				.completedFuture(this.jdbcClient.sql("select title from book").query(String.class).list());
		}

	}
	// end::reports[]

}
