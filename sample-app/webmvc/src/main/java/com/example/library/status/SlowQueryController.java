package com.example.library.status;

import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.PositiveOrZero;

import org.springframework.core.task.TaskExecutor;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/slow-queries")
class SlowQueryController {

	private final SlowQueryService service;

	private final TaskExecutor applicationTaskExecutor;

	SlowQueryController(SlowQueryService service, TaskExecutor applicationTaskExecutor) {
		this.service = service;
		this.applicationTaskExecutor = applicationTaskExecutor;
	}

	@GetMapping
	String one(@RequestParam(defaultValue = "1") @PositiveOrZero @Max(10) double seconds) {
		this.service.sleep(seconds);
		return Thread.currentThread().toString();
	}

	@PostMapping
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void many(@RequestParam(defaultValue = "50") @Min(1) @Max(200) int count,
			@RequestParam(defaultValue = "2") @PositiveOrZero @Max(10) double seconds) {
		CompletableFuture<?>[] queries = IntStream.range(0, count)
			.mapToObj(
					(i) -> CompletableFuture.runAsync(() -> this.service.sleep(seconds), this.applicationTaskExecutor))
			.toArray(CompletableFuture[]::new);
		CompletableFuture.allOf(queries).join();
	}

}
