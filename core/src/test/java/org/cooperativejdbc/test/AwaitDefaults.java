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

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/**
 * Has tests wait for a state as long as a busy machine takes, and go on soon after it is
 * there. What cannot be looked at yet, such as a pool that has not started, is not there
 * yet. JUnit finds this class as a service.
 */
public final class AwaitDefaults implements TestExecutionListener {

	private static final int QUICK_LOOKS = 30;

	@Override
	public void testPlanExecutionStarted(TestPlan testPlan) {
		Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
		Awaitility.setDefaultPollDelay(Duration.ZERO);
		Awaitility.setDefaultPollInterval((looks, previous) -> Duration.ofMillis((looks <= QUICK_LOOKS) ? 10 : 100));
		Awaitility.ignoreExceptionsByDefault();
	}

}
