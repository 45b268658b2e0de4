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

package org.cooperativejdbc.carrier;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Statements of threads that cannot be unmounted, more of them than there are carriers:
 * each is answered although nobody is left who could wait for the answer.
 */
class PinnedStatementTests {

	/**
	 * How many statements there are at once, for a run of its own with more.
	 */
	private static final int STATEMENTS = Integer.getInteger("test.pinned-statements", 10);

	@ParameterizedTest
	@EnumSource
	void statementsInClassInitializersAreAnswered(Loops kind) throws Exception {
		try (EventLoopsTests.Started started = kind.start()) {
			assertThat(answers(started, (number, statement) -> ClassInitializer.run(statement))).hasSize(STATEMENTS);
		}
	}

	/**
	 * Before JDK 24 each of them is pinned by its monitor.
	 */
	@ParameterizedTest
	@EnumSource
	void statementsInMonitorsAreAnswered(Loops kind) throws Exception {
		try (EventLoopsTests.Started started = kind.start()) {
			assertThat(answers(started, (number, statement) -> {
				synchronized (new Object()) {
					return statement.call();
				}
			})).hasSize(STATEMENTS);
		}
	}

	@ParameterizedTest
	@EnumSource
	void statementsThatComputeEntriesOfAMapAreAnswered(Loops kind) throws Exception {
		ConcurrentHashMap<Integer, Integer> map = new ConcurrentHashMap<>();
		try (EventLoopsTests.Started started = kind.start()) {
			assertThat(
					answers(started, (number, statement) -> map.computeIfAbsent(number, (key) -> unchecked(statement))))
				.hasSize(STATEMENTS);
		}
	}

	@ParameterizedTest
	@EnumSource
	void statementsThatLoadEntriesOfACacheAreAnswered(Loops kind) throws Exception {
		Cache<Integer, Integer> cache = Caffeine.newBuilder().build();
		try (EventLoopsTests.Started started = kind.start()) {
			assertThat(answers(started, (number, statement) -> cache.get(number, (key) -> unchecked(statement))))
				.hasSize(STATEMENTS);
		}
	}

	private static List<Integer> answers(EventLoopsTests.Started started, Pin pin) throws Exception {
		ThreadFactory factory = started.loops().threadFactory("t-");
		List<Connection> connections = new ArrayList<>();
		for (int i = 0; i < STATEMENTS; i++) {
			connections.add(TestDatabase.instance().connect(started.loops()));
		}
		List<CompletableFuture<Integer>> answers = new ArrayList<>();
		for (int i = 0; i < STATEMENTS; i++) {
			int number = i;
			answers.add(Tasks.start(factory, () -> pin.run(number, () -> select(connections.get(number), number))));
		}
		List<Integer> result = new ArrayList<>();
		for (CompletableFuture<Integer> answer : answers) {
			result.add(answer.get(60, TimeUnit.SECONDS));
		}
		for (Connection connection : connections) {
			connection.close();
		}
		return result;
	}

	private static Integer select(Connection connection, int number) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select " + number + " from pg_sleep(0.3)")) {
			result.next();
			return result.getInt(1);
		}
	}

	static Integer unchecked(Callable<Integer> statement) {
		try {
			return statement.call();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@FunctionalInterface
	private interface Pin {

		Integer run(int number, Callable<Integer> statement) throws Exception;

	}

	enum Loops {

		ONE(EventLoopsTests.Kind.SELECTOR, 1), TWO(EventLoopsTests.Kind.SELECTOR, 2),
		EIGHT(EventLoopsTests.Kind.SELECTOR, 8), ONE_OF_NETTY(EventLoopsTests.Kind.NETTY, 1),
		TWO_OF_NETTY(EventLoopsTests.Kind.NETTY, 2);

		private final EventLoopsTests.Kind kind;

		private final int threads;

		Loops(EventLoopsTests.Kind kind, int threads) {
			this.kind = kind;
			this.threads = threads;
		}

		EventLoopsTests.Started start() throws IOException {
			return this.kind.start(this.threads);
		}

	}

	/**
	 * A class whose initializer runs a statement, each time that it is defined anew. It
	 * is a native frame: a virtual thread in it cannot be unmounted.
	 */
	static final class ClassInitializer {

		static final ThreadLocal<Callable<Integer>> statement = new ThreadLocal<>();

		static final ThreadLocal<Integer> answer = new ThreadLocal<>();

		static Callable<Integer> pinned(Callable<Integer> statement) {
			return () -> run(statement);
		}

		static Integer run(Callable<Integer> statement) throws Exception {
			ClassInitializer.statement.set(statement);
			try (InputStream code = PinnedStatementTests.class
				.getResourceAsStream("PinnedStatementTests$Pinned.class")) {
				MethodHandles.lookup().defineHiddenClass(Objects.requireNonNull(code).readAllBytes(), true);
			}
			return Objects.requireNonNull(answer.get());
		}

	}

	static final class Pinned {

		static {
			ClassInitializer.answer.set(unchecked(Objects.requireNonNull(ClassInitializer.statement.get())));
		}

	}

}
