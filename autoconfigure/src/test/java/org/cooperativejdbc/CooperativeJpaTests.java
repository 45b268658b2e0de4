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

package org.cooperativejdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.sun.net.httpserver.HttpServer;
import jakarta.persistence.EntityManager;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.socket.ParkingSocket;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.PgSockets;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The proof: unmodified JPA yields. What counts is how many statements the server
 * executes at the same time, and on how many carrier threads the tasks run.
 */
class CooperativeJpaTests {

	private static final int CALLS = 100;

	private static final int FETCHES = 10;

	private final Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();

	private HttpServer slowServer;

	@BeforeEach
	void startSlowServer() throws IOException {
		this.slowServer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.slowServer.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
		this.slowServer.createContext("/", (exchange) -> {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.slowServer.start();
	}

	@AfterEach
	void stopSlowServer() {
		this.slowServer.stop(0);
	}

	@Test
	void oneEventLoopCarriesAllCallsWhileTheServerWorks() {
		run("event-loop", CALLS, (proof) -> {
			proof.untilPeak(CALLS, 0.3);
			assertThat(proof.peak).isEqualTo(CALLS);
			assertThat(proof.carriers).containsExactly("cooperative-jdbc-loop-1");
			assertThat(carrierThreads()).isEqualTo(1);
			assertThat(proof.socketType()).isEqualTo(CooperativeSocket.class);
			assertThat(proof.fetches).hasPositiveValue();
			assertThat(proof.ticks).hasValueGreaterThan(3);
		});
	}

	@Test
	void virtualThreadsOfTheJdkOverlapToo() {
		run("virtual", CALLS, (proof) -> {
			proof.untilPeak(CALLS, 0.3);
			assertThat(proof.peak).isEqualTo(CALLS);
			assertThat(proof.socketType()).isEqualTo(ParkingSocket.class);
		});
	}

	@Test
	void platformThreadsKeepThePlainSocket() {
		run("platform", 8, (proof) -> {
			proof.untilPeak(8, 0.3);
			assertThat(proof.peak).isEqualTo(8);
			assertThat(proof.socketType()).isEqualTo(Socket.class);
			assertThat(carrierThreads()).isZero();
		});
	}

	/**
	 * The control: a strategy that does not yield keeps the carrier, and the same tasks
	 * run one after the other (as long as nobody rescues them).
	 */
	@Test
	void withoutTheWaitStrategyTheSameTasksRunOneAfterTheOther() {
		run("event-loop", 10, (proof) -> {
			proof.once(0.05);
			assertThat(proof.peak).isEqualTo(1);
			assertThat(proof.carriers).containsExactly("cooperative-jdbc-loop-1");
		}, SpinningStrategy.class);
	}

	private long carrierThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> !this.threadsBefore.contains(thread))
			.filter((thread) -> thread.getName().startsWith(EventLoops.THREAD_NAME_PREFIX))
			.count();
	}

	private void run(String model, int calls, Consumer<Proof> test, Class<?>... sources) {
		SpringApplicationBuilder builder = new SpringApplicationBuilder(Application.class).sources(sources)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.model=" + model, "cooperative.jdbc.event-loop.threads=1",
					"cooperative.jdbc.event-loop.stall-threshold=1h",
					"spring.datasource.hikari.maximum-pool-size=" + calls, "spring.task.execution.pool.core-size=200");
		try (ConfigurableApplicationContext context = builder.run()) {
			test.accept(new Proof(context, calls));
		}
	}

	private final class Proof {

		private final ConfigurableApplicationContext context;

		private final int calls;

		private final AsyncTaskExecutor executor;

		private final Set<String> carriers = ConcurrentHashMap.newKeySet();

		private final AtomicInteger fetches = new AtomicInteger();

		private final AtomicInteger ticks = new AtomicInteger();

		private int peak;

		private volatile boolean ended;

		private Proof(ConfigurableApplicationContext context, int calls) {
			this.context = context;
			this.calls = calls;
			this.executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
		}

		/**
		 * A machine under load may start the last call when the first one has ended.
		 */
		private void untilPeak(int peak, double seconds) {
			for (int round = 0; round < 10 && this.peak < peak; round++) {
				once(seconds);
			}
		}

		private void once(double seconds) {
			try (HttpClient client = HttpClient.newHttpClient();
					ActiveBackends backends = new ActiveBackends("%pg_sleep%")) {
				List<Future<?>> tasks = new ArrayList<>();
				for (int i = 0; i < this.calls; i++) {
					tasks.add(this.executor.submit(() -> call(seconds)));
				}
				for (int i = 0; i < FETCHES; i++) {
					tasks.add(this.executor.submit(() -> fetch(client)));
				}
				this.ended = false;
				Future<?> ticker = this.executor.submit(this::tick);
				for (Future<?> task : tasks) {
					task.get(60, TimeUnit.SECONDS);
				}
				this.ended = true;
				ticker.get(60, TimeUnit.SECONDS);
				this.peak = Math.max(this.peak, backends.peak());
			}
			catch (Exception ex) {
				throw new AssertionError(ex);
			}
		}

		private void call(double seconds) {
			noteCarrier();
			EntityManager entityManager = this.context.getBean(EntityManager.class);
			new TransactionTemplate(this.context.getBean(PlatformTransactionManager.class)).executeWithoutResult(
					(status) -> entityManager.createNativeQuery("select pg_sleep(" + seconds + ")").getResultList());
			noteCarrier();
		}

		private void fetch(HttpClient client) {
			noteCarrier();
			URI uri = URI.create("http://127.0.0.1:" + CooperativeJpaTests.this.slowServer.getAddress().getPort());
			try {
				client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
			}
			catch (IOException | InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			this.fetches.incrementAndGet();
		}

		private void tick() {
			while (!this.ended) {
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
				this.ticks.incrementAndGet();
			}
		}

		private void noteCarrier() {
			String thread = Thread.currentThread().toString();
			this.carriers.add(thread.substring(thread.indexOf('@') + 1));
		}

		private Class<?> socketType() {
			try (Connection connection = this.context.getBean(DataSource.class).getConnection()) {
				return PgSockets.of(connection).getClass();
			}
			catch (SQLException ex) {
				throw new AssertionError(ex);
			}
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class SpinningStrategy {

		@Bean
		WaitStrategy spinningStrategy() {
			return (channel, operation, timeout) -> Thread.onSpinWait();
		}

	}

}
