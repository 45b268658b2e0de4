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

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that holds a connection from its start to its end, as one does that has
 * elected itself the leader by a lock of the session: nobody waits for it.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class HeldConnectionTests {

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void startsAndEndsAtOnce(boolean starter, String model, CapturedOutput output) throws Exception {
		ConfigurableApplicationContext context = Trial.start(starter, model, List.of(Application.class),
				"spring.datasource.hikari.maximum-pool-size=1",
				"spring.lifecycle.timeout-per-shutdown-phase=" + Leader.TERM.toMillis() + "ms");
		assertThat(output).doesNotContain("The warm-up of the connection pools goes on");
		context.getBean(Leader.class).beats.await();
		long began = System.nanoTime();
		context.close();
		assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Leader.TERM);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Leader leader(HikariDataSource pool) {
			return new Leader(pool);
		}

	}

	static class Leader implements InitializingBean, DisposableBean {

		private static final Duration TERM = Duration.ofSeconds(3);

		private static final Duration BEAT = Duration.ofMillis(200);

		private final CountDownLatch beats = new CountDownLatch((int) TERM.dividedBy(BEAT) + 1);

		private final CountDownLatch locked = new CountDownLatch(1);

		private final CountDownLatch stop = new CountDownLatch(1);

		private final HikariDataSource pool;

		Leader(HikariDataSource pool) {
			this.pool = pool;
		}

		@Override
		public void afterPropertiesSet() throws Exception {
			Thread.ofPlatform().daemon().name("leader").start(this::lead);
			this.locked.await();
		}

		private void lead() {
			try (Connection connection = this.pool.getConnection();
					Statement statement = connection.createStatement()) {
				do {
					statement.execute("select 1");
					this.locked.countDown();
					this.beats.countDown();
				}
				while (!this.stop.await(BEAT.toMillis(), TimeUnit.MILLISECONDS));
			}
			catch (SQLException | InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		public void destroy() {
			this.stop.countDown();
		}

	}

}
