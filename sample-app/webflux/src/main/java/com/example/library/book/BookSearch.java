package com.example.library.book;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.http.MediaType;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebInputException;

/**
 * A functional endpoint runs on the event loop, so it names the executor for what blocks.
 * The annotated handlers need nothing of the kind.
 */
@Configuration(proxyBeanMethods = false)
class BookSearch {

	private final BookService books;

	private final Scheduler scheduler;

	BookSearch(BookService books, AsyncTaskExecutor applicationTaskExecutor) {
		this.books = books;
		this.scheduler = Schedulers.fromExecutor(applicationTaskExecutor);
	}

	@Bean
	RouterFunction<ServerResponse> bookSearchRoute() {
		return RouterFunctions.route()
			.GET("/books/search", this::search)
			.onError(ErrorResponseException.class,
					(ex, request) -> ServerResponse.status(ex.getStatusCode())
						.contentType(MediaType.APPLICATION_PROBLEM_JSON)
						.bodyValue(ex.getBody()))
			.build();
	}

	private Mono<ServerResponse> search(ServerRequest request) {
		return Mono.justOrEmpty(request.queryParam("title"))
			.switchIfEmpty(Mono.error(() -> new ServerWebInputException("Required parameter 'title' is not present.")))
			.flatMap((title) -> Mono.fromCallable(() -> this.books.search(title)).subscribeOn(this.scheduler))
			.flatMap((books) -> ServerResponse.ok().bodyValue(books));
	}

}
