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

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcProperties.OnEventLoop;
import org.cooperativejdbc.carrier.CarrierThread;
import reactor.core.scheduler.NonBlocking;

import org.springframework.util.ClassUtils;

/**
 * Tells the threads that run an event loop and are refused when they are about to wait.
 */
class EventLoopThreads implements Predicate<Thread> {

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private static final Predicate<Thread> eventLoopThread = ClassUtils.isPresent("reactor.core.scheduler.NonBlocking",
			EventLoopThreads.class.getClassLoader()) ? ReactorThreads::isEventLoop : CarrierThread.class::isInstance;

	private final OnEventLoop onEventLoop;

	private final Set<Thread> warned = ConcurrentHashMap.newKeySet();

	EventLoopThreads(OnEventLoop onEventLoop) {
		this.onEventLoop = onEventLoop;
	}

	@Override
	public boolean test(Thread thread) {
		if (this.onEventLoop == OnEventLoop.ALLOW || !eventLoopThread.test(thread)) {
			return false;
		}
		if (this.onEventLoop == OnEventLoop.WARN && this.warned.add(thread)) {
			logger.warn("'cooperative.jdbc.on-event-loop' is 'warn': "
					+ new BlockingOnEventLoopException(thread).getMessage(), new Throwable("called here"));
		}
		return this.onEventLoop == OnEventLoop.FAIL;
	}

	private static final class ReactorThreads {

		static boolean isEventLoop(Thread thread) {
			return thread instanceof CarrierThread || thread instanceof NonBlocking;
		}

	}

}
