package com.example.library.status;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.task.TaskExecutor;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The buttons and figures of the start page.
 */
@RestController
@RequestMapping("/live")
class LiveController {

	private static final Duration INTERVAL = Duration.ofMillis(250);

	private final LiveModels models;

	private final Overload overload;

	private final TaskExecutor applicationTaskExecutor;

	private volatile boolean closed;

	LiveController(LiveModels models, Overload overload, TaskExecutor applicationTaskExecutor) {
		this.models = models;
		this.overload = overload;
		this.applicationTaskExecutor = applicationTaskExecutor;
	}

	/**
	 * Send the figures until the client goes away or the application ends, which waits
	 * for requests.
	 */
	@GetMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	SseEmitter figures() {
		SseEmitter emitter = new SseEmitter(0L);
		this.applicationTaskExecutor.execute(() -> send(emitter));
		return emitter;
	}

	private void send(SseEmitter emitter) {
		try {
			while (!this.closed) {
				emitter.send(new Figures(this.models.figures(), this.overload.figures()));
				Thread.sleep(INTERVAL);
			}
		}
		catch (IOException | IllegalStateException | InterruptedException ex) {
			// The client has gone away
		}
		emitter.complete();
	}

	@EventListener(ContextClosedEvent.class)
	void close() {
		this.closed = true;
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
	void overload(@RequestParam(defaultValue = "600") @Min(1) @Max(2000) int count, HttpServletRequest request) {
		this.overload.start(URI.create("http://localhost:" + request.getLocalPort() + "/slow-queries?seconds=0.5"),
				count);
	}

	/**
	 * What the page shows.
	 */
	record Figures(List<LiveModel.Figures> models, Overload.Figures overload) {
	}

}
