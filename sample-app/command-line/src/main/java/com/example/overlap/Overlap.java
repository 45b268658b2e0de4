package com.example.overlap;

import java.time.Duration;
import java.util.concurrent.Executor;

import me.tongfei.progressbar.ProgressBar;
import org.cooperativejdbc.CooperativeJdbc;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * Starts JPA calls and HTTP fetches at once, and watches how many of them wait at the
 * same time.
 */
@Component
class Overlap {

	private final CooperativeJdbc cooperativeJdbc;

	private final Executor executor;

	private final ObservationService observations;

	private final RestClient http;

	private final JdbcConnectionDetails database;

	private final WarmUp warmUp;

	Overlap(CooperativeJdbc cooperativeJdbc, AsyncTaskExecutor applicationTaskExecutor, ObservationService observations,
			RestClient.Builder http, JdbcConnectionDetails database, WarmUp warmUp) {
		this.cooperativeJdbc = cooperativeJdbc;
		this.executor = applicationTaskExecutor;
		this.observations = observations;
		this.http = http.build();
		this.database = database;
		this.warmUp = warmUp;
	}

	Report run(Workload workload) {
		try (ForecastServer server = new ForecastServer()) {
			this.warmUp.connections(workload.waits());
			Duration fastEnough = workload.delay().dividedBy(3);
			this.warmUp.calls(() -> fetch(server, Duration.ZERO), workload.fetches(), fastEnough);
			this.warmUp.calls(() -> call(Duration.ZERO), workload.waits(), fastEnough);
			return measure(workload, server);
		}
	}

	private Report measure(Workload workload, ForecastServer server) {
		try (BackendSampler sampler = new BackendSampler(this.database, server::inFlight);
				ProgressBar bar = Progress.of(workload.waits() + workload.fetches())) {
			long start = System.nanoTime();
			Batch calls = new Batch(this.executor, bar::step).start(workload.waits(), () -> call(workload.delay()));
			Batch fetches = new Batch(this.executor, bar::step).start(workload.fetches(),
					() -> fetch(server, workload.delay()));
			try (Ticker ticker = new Ticker(this.executor)) {
				Batch.Result called = calls.await();
				Batch.Result fetched = fetches.await();
				Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
				return new Report(this.cooperativeJdbc.model().toString(), this.cooperativeJdbc.reason(), workload,
						called, fetched, sampler.stop(), ticker.stop(), elapsed);
			}
		}
	}

	private void call(Duration delay) {
		this.observations.latestAfter(delay);
	}

	private void fetch(ForecastServer server, Duration delay) {
		this.http.get().uri(server.forecastAfter(delay)).retrieve().toBodilessEntity();
	}

}
