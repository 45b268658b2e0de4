package com.example.overlap;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.core.NestedExceptionUtils;

/**
 * Tasks that are started at once. Notes how each of them ended, and what carried it.
 */
class Batch {

	private final AtomicInteger answered = new AtomicInteger();

	private final Set<String> carriers = new ConcurrentSkipListSet<>();

	private final Set<String> failures = new ConcurrentSkipListSet<>();

	private final List<CompletableFuture<Void>> tasks = new ArrayList<>();

	private final Executor executor;

	private final Runnable progress;

	Batch(Executor executor, Runnable progress) {
		this.executor = executor;
		this.progress = progress;
	}

	Batch start(int count, Runnable task) {
		for (int i = 0; i < count; i++) {
			this.tasks.add(CompletableFuture.runAsync(() -> perform(task), this.executor));
		}
		return this;
	}

	Result await() {
		CompletableFuture.allOf(this.tasks.toArray(CompletableFuture[]::new)).join();
		return new Result(this.answered.get(), new TreeSet<>(this.carriers), new TreeSet<>(this.failures));
	}

	private void perform(Runnable task) {
		this.carriers.add(Carrier.current());
		try {
			task.run();
			this.answered.incrementAndGet();
		}
		catch (RuntimeException ex) {
			this.failures.add(firstLine(NestedExceptionUtils.getMostSpecificCause(ex)));
		}
		this.carriers.add(Carrier.current());
		this.progress.run();
	}

	private static String firstLine(Throwable failure) {
		return failure.toString().lines().findFirst().orElseThrow();
	}

	record Result(int answered, Set<String> carriers, Set<String> failures) {

	}

}
