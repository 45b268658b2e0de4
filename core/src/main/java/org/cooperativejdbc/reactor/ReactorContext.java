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

package org.cooperativejdbc.reactor;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.Deadline;
import reactor.util.context.ContextView;

/**
 * Gives the thread of a call what the Reactor context has for thread-locals, where
 * Micrometer's context propagation is present. What fails is left out.
 */
final class ReactorContext {

	private static final Log logger = LogFactory.getLog(ReactorContext.class);

	private static final boolean micrometerPresent = isPresent("io.micrometer.context.ContextSnapshotFactory");

	private static final Scope NOTHING = () -> {
	};

	private ReactorContext() {
	}

	private static boolean isPresent(String className) {
		try {
			Class.forName(className, false, ReactorContext.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

	static Scope enter(ContextView context) {
		if (!micrometerPresent || context.isEmpty()) {
			return NOTHING;
		}
		try {
			return Micrometer.enter(context);
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Reactor context not taken along", ex);
			return NOTHING;
		}
	}

	@FunctionalInterface
	interface Scope extends AutoCloseable {

		@Override
		void close();

	}

	private static final class Micrometer {

		private static final ContextSnapshotFactory factory = ContextSnapshotFactory.builder().build();

		/**
		 * The deadline is that of the call already.
		 */
		static Scope enter(ContextView context) {
			ContextSnapshot snapshot = factory.captureFrom(context);
			ContextSnapshot.Scope scope = snapshot.setThreadLocals((key) -> key != Deadline.class);
			return () -> close(scope);
		}

		private static void close(ContextSnapshot.Scope scope) {
			try {
				scope.close();
			}
			catch (RuntimeException | LinkageError ex) {
				logger.debug("Reactor context not given back", ex);
			}
		}

	}

}
