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

package org.cooperativejdbc.test;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.assertj.core.api.SoftAssertions;

/**
 * Cases of a test that mostly wait, all at once.
 */
public final class AtOnce {

	private AtOnce() {
	}

	/**
	 * Run each case on a thread of its own, and name those that fail.
	 * @param cases what is passed to the test
	 * @param action what is run for each case
	 * @param <T> the type of the cases
	 */
	public static <T> void run(Iterable<T> cases, Action<T> action) {
		Map<T, FutureTask<?>> running = new LinkedHashMap<>();
		for (T each : cases) {
			FutureTask<?> task = new FutureTask<>(() -> {
				action.run(each);
				return null;
			});
			running.put(each, task);
			Thread.ofPlatform().daemon().name("case " + each).start(task);
		}
		SoftAssertions.assertSoftly(
				(softly) -> running.forEach((each, task) -> softly.assertThatCode(() -> task.get(2, TimeUnit.MINUTES))
					.as("%s", each)
					.doesNotThrowAnyException()));
	}

	/**
	 * What is run for a case.
	 *
	 * @param <T> the type of the case
	 */
	@FunctionalInterface
	public interface Action<T> {

		void run(T each) throws Exception;

	}

}
