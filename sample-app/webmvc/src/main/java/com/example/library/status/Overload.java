package com.example.library.status;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.LongAdder;

import jakarta.annotation.PreDestroy;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Service;

/**
 * Sends this application more requests than its pool can serve.
 */
@Service
class Overload {

	private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final LongAdder sent = new LongAdder();

	private final LongAdder served = new LongAdder();

	private final LongAdder refused = new LongAdder();

	private final LongAdder retryAfter = new LongAdder();

	private final LongAdder failed = new LongAdder();

	void start(URI slowQuery, int count) {
		HttpRequest request = HttpRequest.newBuilder(slowQuery).build();
		for (int i = 0; i < count; i++) {
			this.sent.increment();
			this.http.sendAsync(request, BodyHandlers.discarding()).whenComplete((response, ex) -> count(response));
		}
	}

	private void count(HttpResponse<?> response) {
		if (response == null) {
			this.failed.increment();
		}
		else if (response.statusCode() == HttpStatus.OK.value()) {
			this.served.increment();
		}
		else if (response.statusCode() == HttpStatus.SERVICE_UNAVAILABLE.value()) {
			this.refused.increment();
			if (response.headers().firstValue(HttpHeaders.RETRY_AFTER).isPresent()) {
				this.retryAfter.increment();
			}
		}
		else {
			this.failed.increment();
		}
	}

	Figures figures() {
		return new Figures(this.sent.sum(), this.served.sum(), this.refused.sum(), this.retryAfter.sum(),
				this.failed.sum());
	}

	@PreDestroy
	void close() {
		this.http.shutdownNow();
	}

	/**
	 * What became of the requests.
	 *
	 * @param sent how many were sent
	 * @param served how many were served
	 * @param refused how many were refused with the status 503
	 * @param retryAfter how many of those said when to come again
	 * @param failed how many failed in another way
	 */
	record Figures(long sent, long served, long refused, long retryAfter, long failed) {
	}

}
