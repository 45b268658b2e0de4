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
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * {@link Cooperative#await}.
 */
@Timeout(60)
class AwaitTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final Duration SHORT = Duration.ofMillis(50);

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void stage(ConcurrencyModel model) throws Exception {
		run(model, () -> {
			CompletableFuture<String> stage = new CompletableFuture<>();
			Thread.ofPlatform().start(() -> stage.complete("result"));
			assertThat(Cooperative.await(stage, LONG)).isEqualTo("result");
			assertThat(Cooperative.await(CompletableFuture.completedStage("stage"), LONG)).isEqualTo("stage");
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> Cooperative.await(CompletableFuture.failedStage(new IOException("failed")), LONG))
				.withCauseInstanceOf(IOException.class);
			CompletableFuture<String> canceled = new CompletableFuture<>();
			canceled.cancel(false);
			assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> Cooperative.await(canceled, LONG));
		});
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void stageGoesOnWhenTheWaitEnds(ConcurrencyModel model) throws Exception {
		run(model, () -> {
			CompletableFuture<String> stage = new CompletableFuture<>();
			assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> Cooperative.await(stage, SHORT));
			assertThatExceptionOfType(TimeoutException.class)
				.isThrownBy(() -> Cooperative.within(SHORT, () -> Cooperative.await(stage, LONG)));
			assertThatExceptionOfType(TimeoutException.class)
				.isThrownBy(() -> Cooperative.within(Duration.ZERO, () -> Cooperative.await(stage, LONG)));
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> Cooperative.await(stage, LONG));
			assertThat(Thread.interrupted()).isFalse();
			assertThat(stage).isNotDone();
		});
	}

	@Test
	@SuppressWarnings("unchecked")
	void stageThatIsNoFuture() throws Exception {
		CompletableFuture<String> future = new CompletableFuture<>();
		CompletionStage<String> stage = (CompletionStage<String>) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { CompletionStage.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("toCompletableFuture")) {
						throw new UnsupportedOperationException();
					}
					return method.invoke(future, arguments);
				});
		future.complete("result");
		assertThat(Cooperative.await(stage, LONG)).isEqualTo("result");
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void publisher(ConcurrencyModel model) throws Exception {
		run(model, () -> {
			String one = Cooperative.await(Mono.just("one").delayElement(Duration.ofMillis(10)), LONG);
			assertThat(one).isEqualTo("one");
			Object none = Cooperative.await(Mono.empty(), LONG);
			assertThat(none).isNull();
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> Cooperative.await(Mono.error(new IOException("failed")), LONG))
				.withCauseInstanceOf(IOException.class);
		});
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void publisherIsCanceledWhenTheWaitEnds(ConcurrencyModel model) throws Exception {
		run(model, () -> {
			AtomicBoolean canceled = new AtomicBoolean();
			Mono<Object> never = Mono.never().doOnCancel(() -> canceled.set(true));
			assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> Cooperative.await(never, SHORT));
			assertThat(canceled.getAndSet(false)).isTrue();
			Integer first = Cooperative.await(Flux.range(1, 10).doOnCancel(() -> canceled.set(true)), LONG);
			assertThat(first).isOne();
			assertThat(canceled.getAndSet(false)).isTrue();
			Thread thread = Thread.currentThread();
			assertThatExceptionOfType(InterruptedException.class)
				.isThrownBy(() -> Cooperative.await(never.doOnSubscribe((subscription) -> thread.interrupt()), LONG));
			assertThat(canceled.getAndSet(false)).isTrue();
			thread.interrupt();
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> Cooperative.await(never, LONG));
			assertThat(canceled).isFalse();
		});
	}

	@Test
	void threadOfAnEventLoopIsRefusedAtOnce() throws Exception {
		try (NettyEventLoops loops = new NettyEventLoops(1, EventLoops.DEFAULT_STALL_THRESHOLD)) {
			loops.group().submit(() -> {
				assertThatIllegalStateException()
					.isThrownBy(() -> Cooperative.await(CompletableFuture.completedFuture(1), LONG))
					.withMessageContaining("'" + Thread.currentThread().getName() + "' runs an event loop")
					.withMessageContaining("'Cooperative.call'");
				AtomicBoolean subscribed = new AtomicBoolean();
				assertThatIllegalStateException().isThrownBy(() -> Cooperative
					.await(Mono.just(1).doOnSubscribe((subscription) -> subscribed.set(true)), LONG));
				assertThat(subscribed).isFalse();
			}).get(20, TimeUnit.SECONDS);
		}
	}

	private static void run(ConcurrencyModel model, Task task) throws Exception {
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults().withModel(model))) {
			PoolThreads.unwrapped(() -> cooperative.call(() -> {
				task.run();
				return null;
			}).get(40, TimeUnit.SECONDS));
		}
	}

	private interface Task {

		void run() throws Exception;

	}

}
