package com.example.overlap;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A task that wants to run every ten milliseconds, and counts how often it could.
 */
class Ticker implements AutoCloseable {

	private final CountDownLatch stopped = new CountDownLatch(1);

	private final CompletableFuture<Integer> ticks;

	Ticker(Executor executor) {
		this.ticks = CompletableFuture.supplyAsync(this::tick, executor);
	}

	int stop() {
		close();
		return this.ticks.join();
	}

	@Override
	public void close() {
		this.stopped.countDown();
	}

	private int tick() {
		int count = 0;
		try {
			while (!this.stopped.await(10, TimeUnit.MILLISECONDS)) {
				count++;
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return count;
	}

}
