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

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import javax.sql.DataSource;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.configuration.annotation.EnableBatchProcessing;
import org.springframework.batch.core.configuration.annotation.EnableJdbcJobRepository;
import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.database.JdbcCursorItemReader;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Partitions of Spring Batch that read from a cursor each: a thread holds the connection
 * of its cursor and borrows others for the transactions of its chunks.
 */
@Timeout(90)
class BatchPartitionTests {

	private static final int SIZE = 4;

	private static final int ITEMS = 20;

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void fewerPartitionsThanConnectionsAreAllServed(boolean starter, String model) {
		run(starter, model, SIZE - 1, (execution) -> {
			assertThat(execution.getStatus()).isEqualTo(BatchStatus.COMPLETED);
			assertThat(partitions(execution)).hasSize(SIZE - 1)
				.allSatisfy((partition) -> assertThat(partition.getWriteCount()).isEqualTo(ITEMS));
		}, "spring.datasource.hikari.connection-timeout=20000");
	}

	/**
	 * Every connection is held by a cursor whose thread waits for another one: one
	 * partition fails at once, and the others go on.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void standStillOfAsManyPartitionsAsConnectionsIsNamed(String model) {
		run(true, model, SIZE, (execution) -> {
			assertThat(execution.getStatus()).isNotEqualTo(BatchStatus.COMPLETED);
			assertThat(partitions(execution)).filteredOn((partition) -> partition.getStatus() == BatchStatus.COMPLETED)
				.hasSize(SIZE - 1)
				.allSatisfy((partition) -> assertThat(partition.getWriteCount()).isEqualTo(ITEMS));
			assertThat(partitions(execution)).filteredOn((partition) -> partition.getStatus() != BatchStatus.COMPLETED)
				.singleElement()
				.satisfies((partition) -> assertThat(partition.getFailureExceptions()).first()
					.asInstanceOf(InstanceOfAssertFactories.THROWABLE)
					.hasStackTraceContaining(
							"all " + SIZE + " connections are held by threads that wait for another one"));
		}, "spring.datasource.hikari.connection-timeout=80000");
	}

	/**
	 * The control.
	 */
	@Test
	void withoutTheStarterTheyWaitForTheTimeoutOfThePool() {
		run(false, "virtual", SIZE,
				(execution) -> assertThat(execution.getStatus()).isNotEqualTo(BatchStatus.COMPLETED),
				"spring.datasource.hikari.connection-timeout=1000");
	}

	private static List<StepExecution> partitions(JobExecution execution) {
		return execution.getStepExecutions()
			.stream()
			.filter((step) -> step.getStepName().contains(":partition"))
			.toList();
	}

	private static void run(boolean starter, String model, int partitions, Consumer<JobExecution> test,
			String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"spring.threads.virtual.enabled=true", "spring.datasource.hikari.maximum-pool-size=" + SIZE,
					"partitions=" + partitions)
			.properties(properties)
			.run()) {
			createTables(context.getBean(DataSource.class));
			JobExecution execution = context.getBean(JobOperator.class)
				.start(context.getBean(Job.class), new JobParametersBuilder().toJobParameters());
			test.accept(execution);
			if (starter) {
				assertThat(context.getBean(CooperativeDataSource.class).getPlacesTaken()).isZero();
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void createTables(DataSource dataSource) {
		String schema = "org/springframework/batch/core/";
		ResourceDatabasePopulator drop = new ResourceDatabasePopulator(
				new ClassPathResource(schema + "schema-drop-postgresql.sql"));
		drop.setIgnoreFailedDrops(true);
		drop.execute(dataSource);
		new ResourceDatabasePopulator(new ClassPathResource(schema + "schema-postgresql.sql")).execute(dataSource);
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		jdbc.execute("drop table if exists batch_item");
		jdbc.execute("create table batch_item (id int)");
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableBatchProcessing
	@EnableJdbcJobRepository
	static class Application {

		@Bean
		CyclicBarrier allHaveACursor(@Value("${partitions}") int partitions) {
			return new CyclicBarrier(partitions);
		}

		@Bean
		@StepScope
		CursorReader reader(DataSource dataSource, CyclicBarrier allHaveACursor) {
			return new CursorReader(dataSource, allHaveACursor);
		}

		@Bean
		Job job(JobRepository repository, JdbcTemplate jdbc, PlatformTransactionManager transactionManager,
				AsyncTaskExecutor applicationTaskExecutor, CursorReader reader, CyclicBarrier allHaveACursor) {
			int partitions = allHaveACursor.getParties();
			Step worker = new StepBuilder("worker", repository).<Integer, Integer>chunk(5)
				.transactionManager(transactionManager)
				.reader(reader)
				.writer((items) -> items
					.forEach((item) -> jdbc.update("insert into batch_item values (?)", item.intValue())))
				.build();
			Step all = new StepBuilder("all", repository).partitioner("worker", (gridSize) -> contexts(partitions))
				.step(worker)
				.gridSize(partitions)
				.taskExecutor(applicationTaskExecutor)
				.build();
			return new JobBuilder("job", repository).start(all).build();
		}

		private static Map<String, ExecutionContext> contexts(int partitions) {
			Map<String, ExecutionContext> contexts = new HashMap<>();
			for (int i = 0; i < partitions; i++) {
				contexts.put("partition" + i, new ExecutionContext());
			}
			return contexts;
		}

	}

	static class CursorReader extends JdbcCursorItemReader<Integer> {

		private final CyclicBarrier allHaveACursor;

		CursorReader(DataSource dataSource, CyclicBarrier allHaveACursor) {
			super(dataSource, "select * from generate_series(1, " + ITEMS + ")", (result, row) -> result.getInt(1));
			this.allHaveACursor = allHaveACursor;
			setSaveState(false);
		}

		@Override
		protected void doOpen() throws Exception {
			super.doOpen();
			this.allHaveACursor.await(30, TimeUnit.SECONDS);
		}

	}

}
