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

package org.cooperativejdbc.kotlin

import com.zaxxer.hikari.HikariConfig
import com.zaxxer.hikari.HikariDataSource
import java.nio.file.Files
import java.nio.file.Path
import java.sql.SQLException
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.RejectedExecutionException
import kotlin.concurrent.thread
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.slf4j.MDCContext
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.cooperativejdbc.ConcurrencyModel
import org.cooperativejdbc.Cooperative
import org.cooperativejdbc.CooperativeOptions
import org.cooperativejdbc.Deadline
import org.cooperativejdbc.spring.ContextPropagation
import org.cooperativejdbc.test.ActiveBackends
import org.cooperativejdbc.test.TestDatabase
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import org.slf4j.MDC
import org.springframework.core.PropagationContextElement

/**
 * Coroutines on the threads of `Cooperative`, by the dispatcher that Kotlin's own library makes
 * of any executor.
 */
@Timeout(60)
class DispatcherTests {

	@ParameterizedTest
	@EnumSource(ConcurrencyModel::class, names = ["VIRTUAL", "EVENT_LOOP"])
	fun coroutinesWaitTogether(model: ConcurrencyModel) = run(model, 20) {
		val connected = CountDownLatch(20)
		ActiveBackends("%pg_sleep(1.25)%").use { backends ->
			List(20) {
				async(dispatcher) {
					pool.connection.use { connection ->
						connected.countDown()
						connected.await()
						connection.createStatement().use { it.execute("select pg_sleep(1.25)") }
					}
				}
			}.awaitAll()
			assertThat(backends.peak()).isEqualTo(20)
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel::class, names = ["VIRTUAL", "EVENT_LOOP"])
	fun cancelingTheCoroutineCancelsTheStatementAndKeepsTheConnection(model: ConcurrencyModel) = run(model, 1) {
		val session = runInterruptible(dispatcher) { session() }
		val statement = "pg_sleep(61.${model.ordinal})"
		val job = launch { waiting(dispatcher) { query("select $statement") } }
		awaitActive(statement)
		job.cancelAndJoin()
		assertThat(ActiveBackends.count("%$statement%")).isZero()
		assertThat(runInterruptible(dispatcher) { session() }).isEqualTo(session)
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel::class, names = ["VIRTUAL", "EVENT_LOOP"])
	fun cancelingACoroutineThatAwaitsACallCancelsItsStatement(model: ConcurrencyModel) = run(model, 1) {
		val session = cooperative.call { session() }.await()
		val statement = "pg_sleep(64.${model.ordinal})"
		val job = launch { cooperative.call { query("select $statement") }.await() }
		awaitActive(statement)
		job.cancelAndJoin()
		assertThat(cooperative.call { session() }.await()).isEqualTo(session)
		assertThat(ActiveBackends.count("%$statement%")).isZero()
	}

	@Test
	fun timeoutOfACoroutineCancelsTheStatement() = run(ConcurrencyModel.VIRTUAL, 1) {
		val session = runInterruptible(dispatcher) { session() }
		val failure = runCatching {
			withTimeout(200) { waiting(dispatcher) { query("select pg_sleep(62)") } }
		}.exceptionOrNull()
		assertThat(failure).isInstanceOf(TimeoutCancellationException::class.java)
		assertThat(ActiveBackends.count("%pg_sleep(62)%")).isZero()
		assertThat(runInterruptible(dispatcher) { session() }).isEqualTo(session)
	}

	@Test
	fun deadlineGoesAlong() {
		run(ConcurrencyModel.VIRTUAL, 1) {
			val failure = runCatching {
				Cooperative.within(Duration.ofMillis(200), Callable {
					runBlocking { withContext(dispatcher) { query("select pg_sleep(63)") } }
				})
			}.exceptionOrNull()
			val states = generateSequence(failure) { it.cause }.filterIsInstance<SQLException>().map { it.sqlState }.toList()
			assertThat(states).contains("57014")
		}
	}

	/**
	 * A coroutine goes on in the context of the thread that resumes it, and so needs an element of its
	 * own context if it is to have that of the thread that has begun it.
	 */
	@ParameterizedTest
	@EnumSource(ConcurrencyModel::class, names = ["VIRTUAL", "EVENT_LOOP"])
	fun contextGoesAlongAndWithElementsStays(model: ConcurrencyModel) = run(model, 1) {
		ContextPropagation.registerDeadlines()
		MDC.put("user", "one")
		val deadline = Deadline.after(Duration.ofMinutes(1))
		try {
			deadline.enter().use {
				assertThat(runInterruptible(dispatcher) { seen() }).isEqualTo("one $deadline")
				assertThat(withContext(dispatcher) { afterResumption() }).isEqualTo("other null")
				assertThat(withContext(dispatcher + MDCContext() + PropagationContextElement()) { afterResumption() })
					.isEqualTo("one $deadline")
			}
			assertThat(MDC.get("user")).isEqualTo("one")
		}
		finally {
			MDC.remove("user")
		}
	}

	@Test
	fun coroutineThatIsRefusedAThreadIsCanceled() = run(ConcurrencyModel.VIRTUAL, 1) {
		val blocked = CountDownLatch(1)
		val full = cooperative.executor(1, 0)
		full.execute { blocked.await() }
		val refused = CoroutineScope(Dispatchers.Unconfined).async(full.asCoroutineDispatcher()) { session() }
		val failure = runCatching { refused.await() }.exceptionOrNull()
		blocked.countDown()
		assertThat(generateSequence(failure) { it.cause }.last()).isInstanceOf(RejectedExecutionException::class.java)
	}

	@Test
	fun pageShowsWhatIsRunHere() {
		val source = plain(Files.readString(Path.of("src/test/kotlin/org/cooperativejdbc/kotlin/DispatcherTests.kt")))
		val page = Files.readString(Path.of("../../../../docs/kotlin.md"))
		val snippets = Regex("(?s)```kotlin\n(.*?)\n```").findAll(page).map { plain(it.groupValues[1]) }.toList()
		assertThat(snippets).isNotEmpty().allMatch { source.contains(it) }
	}

	@Test
	fun errorIsThatOfTheStatementAsLongAsNobodyCancels() = run(ConcurrencyModel.VIRTUAL, 1) {
		assertThat(runCatching { waiting(dispatcher) { query("select 1 / 0") } }.exceptionOrNull())
			.isInstanceOf(SQLException::class.java)
	}

	@Test
	fun coroutinesOfOneRequest() = run(ConcurrencyModel.VIRTUAL, 4) {
		suspend fun total(cooperative: Cooperative): Int = coroutineScope {
			val one = async { cooperative.call { query("select 1") }.await() }
			val two = async { cooperative.call { query("select 2") }.await() }
			one.await() + two.await()
		}
		assertThat(total(cooperative)).isEqualTo(3)
	}

	suspend fun <T> waiting(database: CoroutineDispatcher, block: () -> T): T = try {
		runInterruptible(database, block)
	}
	catch (failure: Exception) {
		currentCoroutineContext().ensureActive()
		throw failure
	}

	private fun plain(text: String) = text.lines().joinToString("\n") { it.trim() }

	/**
	 * Resumed by a thread that has another context.
	 */
	private suspend fun afterResumption(): String {
		val future = CompletableFuture<Unit>()
		val suspended = Thread.currentThread()
		thread {
			MDC.put("user", "other")
			suspended.join()
			future.complete(Unit)
		}
		future.await()
		return seen()
	}

	private fun seen() = "${MDC.get("user")} ${Deadline.current()}"

	private fun run(model: ConcurrencyModel, connections: Int, block: suspend Doors.() -> Unit) {
		Cooperative.start(CooperativeOptions.defaults().withModel(model).withThreads(1)).use { cooperative ->
			val config = HikariConfig()
			config.jdbcUrl = TestDatabase.instance().url()
			config.username = TestDatabase.instance().username()
			config.password = TestDatabase.instance().password()
			config.maximumPoolSize = connections
			runBlocking {
				Doors(cooperative, cooperative.pool(config), this).block()
			}
		}
	}

	private class Doors(val cooperative: Cooperative, val pool: HikariDataSource, scope: CoroutineScope) :
		CoroutineScope by scope {

		val dispatcher: CoroutineDispatcher = cooperative.executor(100, 100).asCoroutineDispatcher()

		fun query(sql: String): Int = pool.connection.use { connection ->
			connection.createStatement().use { statement ->
				statement.executeQuery(sql).use { result ->
					result.next()
					result.getInt(1)
				}
			}
		}

		fun session() = query("select pg_backend_pid()")

		suspend fun awaitActive(statement: String) = withContext(Dispatchers.IO) {
			while (ActiveBackends.count("%$statement%") == 0) {
				ensureActive()
			}
		}

	}

}
