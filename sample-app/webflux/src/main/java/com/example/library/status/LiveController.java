package com.example.library.status;

import java.net.URI;
import java.time.Duration;
import java.util.List;

import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.task.TaskExecutor;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The buttons and figures of the start page.
 */
@RestController
@RequestMapping("/live")
class LiveController {

	private static final Duration INTERVAL = Duration.ofMillis(250);

	private final LiveModels models;

	private final Overload overload;

	private final Scheduler scheduler;

	private final Sinks.Empty<Void> closed = Sinks.empty();

	LiveController(LiveModels models, Overload overload, TaskExecutor applicationTaskExecutor) {
		this.models = models;
		this.overload = overload;
		this.scheduler = Schedulers.fromExecutor(applicationTaskExecutor);
	}

	/**
	 * Send the figures until the client goes away or the application ends, which waits
	 * for requests. To ask the database takes a thread that may wait.
	 */
	@GetMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<Figures> figures() {
		return Flux.interval(INTERVAL)
			.onBackpressureDrop()
			.publishOn(this.scheduler, 1)
			.map((number) -> new Figures(this.models.figures(), this.overload.figures()))
			.takeUntilOther(this.closed.asMono());
	}

	@EventListener(ContextClosedEvent.class)
	void close() {
		this.closed.tryEmitEmpty();
	}

	@PostMapping("/queries")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void start(@RequestParam @Min(1) @Max(LiveModels.MAX_QUERIES) int count,
			@RequestParam @DecimalMin("0") @Max(5) double seconds) {
		this.models.start(count, seconds);
	}

	@PostMapping("/interrupt")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void interrupt() {
		this.models.interrupt();
	}

	@PostMapping("/overload")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void overload(@RequestParam(defaultValue = "600") @Min(1) @Max(2000) int count, ServerHttpRequest request) {
		this.overload.start(
				URI.create("http://localhost:" + request.getLocalAddress().getPort() + "/slow-queries?seconds=0.5"),
				count);
	}

	/**
	 * What the page shows.
	 */
	record Figures(List<LiveModel.Figures> models, Overload.Figures overload) {
	}

}
