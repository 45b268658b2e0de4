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

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

import javax.management.ObjectName;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Contexts that come and go in one JVM, as in tests and where they are refreshed: they
 * leave nothing behind.
 */
class ContextLeakTests {

	private static final int CONTEXTS = 8;

	@ParameterizedTest
	@ValueSource(strings = { "platform", "virtual", "event-loop" })
	void contextsThatAreClosedLeaveNothingBehind(String model) throws Exception {
		open(model).close();
		Set<Thread> before = threads();
		Object registrations = ReflectionTestUtils.getField(CooperativeSocketFactory.class, "registrations");
		String registered = String.valueOf(registrations);
		List<WeakReference<ConfigurableApplicationContext>> closed = new ArrayList<>();
		for (int i = 0; i < CONTEXTS; i++) {
			closed.add(openAndClose(model));
		}
		await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(newThreads(before)).isEmpty());
		assertThat(String.valueOf(registrations)).isEqualTo(registered);
		assertThat(ManagementFactory.getPlatformMBeanServer()
			.queryNames(new ObjectName("com.zaxxer.hikari:type=Pool (of-a-context)"), null)).isEmpty();
		await().atMost(Duration.ofSeconds(30)).until(() -> {
			System.gc();
			return closed.stream().filter((context) -> context.get() != null).count() <= 1;
		});
	}

	private static WeakReference<ConfigurableApplicationContext> openAndClose(String model) {
		ConfigurableApplicationContext context = open(model);
		context.close();
		return new WeakReference<>(context);
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void childThatIsClosedLeavesThePoolToItsParent(String model) {
		try (ConfigurableApplicationContext parent = open(model)) {
			try (ConfigurableApplicationContext child = application(model).parent(parent).run()) {
				assertThat(child.getBean(CooperativeDataSource.class))
					.isSameAs(parent.getBean(CooperativeDataSource.class));
				use(child);
				use(parent);
			}
			use(parent);
		}
	}

	private static ConfigurableApplicationContext open(String model) {
		ConfigurableApplicationContext context = application(model).properties(TestDatabase.instance().properties())
			.run();
		use(context);
		return context;
	}

	private static SpringApplicationBuilder application(String model) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("cooperative.jdbc.model=" + model, "cooperative.jdbc.admission.enabled=true",
					"spring.datasource.hikari.maximum-pool-size=1", "spring.datasource.hikari.register-mbeans=true",
					"spring.datasource.hikari.pool-name=of-a-context", "spring.main.register-shutdown-hook=false");
	}

	private static void use(ConfigurableApplicationContext context) {
		try {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
				.submitCompletable(() -> jdbc.queryForObject("select 1", Integer.class))
				.get(20, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Set<Thread> threads() {
		return new HashSet<>(Thread.getAllStackTraces().keySet());
	}

	private static Set<String> newThreads(Set<Thread> before) {
		Set<String> names = new TreeSet<>();
		for (Thread thread : threads()) {
			if (!before.contains(thread) && !thread.getName().startsWith("ForkJoinPool")
					&& !thread.getName().startsWith("awaitility")) {
				names.add(thread.getName());
			}
		}
		return names;
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

	}

}
