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

package org.cooperativejdbc.autoconfigure;

import java.util.concurrent.ScheduledExecutorService;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.task.ThreadPoolTaskExecutorBuilder;
import org.springframework.boot.task.ThreadPoolTaskSchedulerBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Lazy;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.scheduling.config.TaskManagementConfigUtils;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what an application may rely on
 * that has not asked for virtual threads and got them because it is reactive.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = TaskExecutionAutoConfiguration.class, before = TaskSchedulingAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.enabled", matchIfMissing = true)
@Conditional(OnDetectedVirtualThreadsCondition.class)
public final class TaskAutoConfiguration {

	private TaskAutoConfiguration() {
	}

	/**
	 * Leaves scheduled methods on the threads that they have without Cooperative JDBC.
	 * Spring Boot's scheduler for virtual threads calls a method again while it still
	 * runs, and any number of methods at once, for which those of the application may not
	 * be made.
	 */
	@Bean("taskScheduler")
	@ConditionalOnBean(name = TaskManagementConfigUtils.SCHEDULED_ANNOTATION_PROCESSOR_BEAN_NAME)
	@ConditionalOnMissingBean({ TaskScheduler.class, ScheduledExecutorService.class })
	ThreadPoolTaskScheduler cooperativeJdbcTaskScheduler(ThreadPoolTaskSchedulerBuilder builder) {
		return builder.build();
	}

	/**
	 * The executor that Spring Boot has without virtual threads, for who asks for its
	 * class. Whoever asks for an executor gets the one with virtual threads.
	 */
	@Bean
	@Lazy
	@Fallback
	@ConditionalOnBean(name = TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME)
	@ConditionalOnMissingBean
	ThreadPoolTaskExecutor cooperativeJdbcThreadPoolTaskExecutor(ThreadPoolTaskExecutorBuilder builder) {
		return builder.build();
	}

}
