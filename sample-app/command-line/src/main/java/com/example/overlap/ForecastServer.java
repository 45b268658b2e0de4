package com.example.overlap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A slow HTTP server on the loopback interface, with threads of its own.
 */
class ForecastServer implements AutoCloseable {

	private final AtomicInteger inFlight = new AtomicInteger();

	private final ExecutorService threads = Executors
		.newCachedThreadPool(Thread.ofPlatform().name("forecast-server-", 1).factory());

	private final HttpServer server;

	ForecastServer() {
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.setExecutor(this.threads);
		this.server.createContext("/", this::answer);
		this.server.start();
	}

	URI forecastAfter(Duration delay) {
		InetSocketAddress address = this.server.getAddress();
		return URI.create("http://" + address.getHostString() + ":" + address.getPort() + "/" + delay);
	}

	int inFlight() {
		return this.inFlight.get();
	}

	private void answer(HttpExchange exchange) throws IOException {
		this.inFlight.incrementAndGet();
		try (exchange) {
			Thread.sleep(Duration.parse(exchange.getRequestURI().getPath().substring(1)));
			byte[] forecast = "sunny".getBytes(StandardCharsets.US_ASCII);
			exchange.sendResponseHeaders(200, forecast.length);
			exchange.getResponseBody().write(forecast);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.inFlight.decrementAndGet();
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.threads.shutdownNow();
	}

}
