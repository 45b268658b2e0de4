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

import jakarta.persistence.Entity
import jakarta.persistence.Id
import java.util.EnumMap
import java.util.concurrent.Executor
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.cooperativejdbc.ConcurrencyModel
import org.cooperativejdbc.CooperativeJdbc
import org.cooperativejdbc.test.TestDatabase
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import org.springframework.beans.factory.annotation.Qualifier
import org.springframework.boot.autoconfigure.EnableAutoConfiguration
import org.springframework.boot.builder.SpringApplicationBuilder
import org.springframework.boot.persistence.autoconfigure.EntityScan
import org.springframework.context.ConfigurableApplicationContext
import org.springframework.context.annotation.Configuration
import org.springframework.context.annotation.Import
import org.springframework.data.jpa.repository.JpaRepository
import org.springframework.data.jpa.repository.config.EnableJpaRepositories
import org.springframework.transaction.annotation.Transactional
import org.springframework.web.bind.annotation.GetMapping
import org.springframework.web.bind.annotation.PathVariable
import org.springframework.web.bind.annotation.RestController
import org.springframework.web.reactive.function.client.WebClient
import reactor.core.publisher.Mono

/**
 * Suspend functions in a WebFlux application with JPA.
 */
@Timeout(60)
class SuspendHandlerTests {

	@ParameterizedTest
	@EnumSource(ConcurrencyModel::class, names = ["VIRTUAL", "EVENT_LOOP"])
	fun suspendHandlerCallsARepository(model: ConcurrencyModel) {
		val context = context(model)
		context.getBean(Items::class.java).save(Item(7, "seven"))
		val client = WebClient.create("http://localhost:" + context.environment.getProperty("local.server.port"))
		val answer = client.get().uri("/items/7").retrieve().bodyToMono(String::class.java).block()
		assertThat(answer).startsWith("seven, found on").doesNotContain("reactor-http")
	}

	@Test
	fun withoutADispatcherTheRepositoryIsRefused() {
		val context = context(ConcurrencyModel.EVENT_LOOP)
		val client = WebClient.create("http://localhost:" + context.environment.getProperty("local.server.port"))
		val status = client.get().uri("/direct/7").exchangeToMono { Mono.just(it.statusCode().value()) }.block()
		assertThat(status).isEqualTo(500)
	}

	/**
	 * What Spring does, which the doctor warns of.
	 */
	@Test
	fun transactionOfASuspendFunctionIsLost() {
		val context = context(ConcurrencyModel.VIRTUAL)
		val items = context.getBean(Items::class.java)
		assertThatExceptionOfType(IllegalStateException::class.java).isThrownBy {
			runBlocking { context.getBean(Writer::class.java).suspending(1) }
		}
		assertThat(items.existsById(1)).`as`("kept, although the function has failed").isTrue()
		assertThatExceptionOfType(IllegalStateException::class.java).isThrownBy {
			runBlocking {
				val database = context.getBean("applicationTaskExecutor", Executor::class.java).asCoroutineDispatcher()
				runInterruptible(database) { context.getBean(Writer::class.java).blocking(2) }
			}
		}
		assertThat(items.existsById(2)).isFalse()
		val findings = context.getBean(CooperativeJdbc::class.java).findings().filter { it.id() == "suspend-transaction" }
		assertThat(findings.map { it.problem() }).hasSize(1).allMatch { it.contains("Writer.suspending is a suspend") }
	}

	@Test
	fun transactionOfASuspendFunctionFailsStartupIfTheDoctorIsStrict() {
		val failure = runCatching {
			start(ConcurrencyModel.VIRTUAL, "--cooperative.jdbc.doctor=fail").close()
		}.exceptionOrNull()
		assertThat(generateSequence(failure) { it.cause }.map { it.toString() }.joinToString("\n"))
			.contains("Writer.suspending", "suspend-transaction")
	}

	companion object {

		private val contexts = EnumMap<ConcurrencyModel, ConfigurableApplicationContext>(ConcurrencyModel::class.java)

		private fun context(model: ConcurrencyModel) = contexts.computeIfAbsent(model) { start(it) }

		private fun start(model: ConcurrencyModel, vararg arguments: String): ConfigurableApplicationContext {
			val properties = TestDatabase.instance().properties().map { "--$it" }
			return SpringApplicationBuilder(Application::class.java).run(
				"--cooperative.jdbc.model=$model", "--server.port=0", "--spring.jpa.hibernate.ddl-auto=update",
				"--spring.main.banner-mode=off", *properties.toTypedArray(), *arguments,
			)
		}

		@AfterAll
		@JvmStatic
		fun close() = contexts.values.forEach { it.close() }

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableJpaRepositories(considerNestedRepositories = true)
	@EntityScan(basePackageClasses = [Item::class])
	@Import(Controller::class, DirectController::class, Writer::class)
	open class Application

	@RestController
	open class Controller(private val items: Items, @Qualifier("applicationTaskExecutor") executor: Executor) {

		private val database = executor.asCoroutineDispatcher()

		@GetMapping("/items/{id}")
		open suspend fun item(@PathVariable id: Long): String {
			delay(1)
			return runInterruptible(database) {
				items.findById(id).orElseThrow().name + ", found on " + Thread.currentThread().name
			}
		}

	}

	@RestController
	open class DirectController(private val items: Items) {

		@GetMapping("/direct/{id}")
		open suspend fun item(@PathVariable id: Long): String = items.findById(id).map { it.name }.orElse("none")

	}

	open class Writer(private val items: Items) {

		@Transactional
		open suspend fun suspending(id: Long) {
			items.save(Item(id, "suspending"))
			delay(1)
			throw IllegalStateException("to be rolled back")
		}

		@Transactional
		open fun blocking(id: Long) {
			items.save(Item(id, "blocking"))
			throw IllegalStateException("to be rolled back")
		}

	}

	interface Items : JpaRepository<Item, Long>

	@Entity
	open class Item(@Id open var id: Long = 0, open var name: String = "")

}
