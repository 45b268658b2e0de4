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

package org.cooperativejdbc.harmless;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A reactive application, to which the starter gives virtual threads without being asked:
 * its scheduled methods still run one after the other, those included that take longer
 * than their period.
 */
class ScheduledMethodTests {

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void methodsRunOneAfterTheOther(boolean starter) throws Exception {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.REACTIVE)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "cooperative.jdbc.enabled=" + starter)
			.run()) {
			Job job = context.getBean(Job.class);
			assertThat(job.runs.await(10, TimeUnit.SECONDS)).isTrue();
			assertThat(job.most.get()).isOne();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableScheduling
	static class Application {

		@Bean
		Job job() {
			return new Job();
		}

	}

	static class Job {

		private final CountDownLatch runs = new CountDownLatch(5);

		private final AtomicInteger running = new AtomicInteger();

		private final AtomicInteger most = new AtomicInteger();

		@Scheduled(fixedRate = 10)
		@Scheduled(fixedDelay = 10)
		void run() {
			this.most.accumulateAndGet(this.running.incrementAndGet(), Math::max);
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
			this.running.decrementAndGet();
			this.runs.countDown();
		}

	}

}
