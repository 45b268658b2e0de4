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

package org.cooperativejdbc.spring.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Fails a test with a Spring application context if in its course a carrier was blocked
 * or pinned, JDBC was called on an event loop, or a connection was held idle for long or
 * not given back. The failure shows the stack of the thread that did it.
 *
 * <pre class="code">
 * &#64;SpringBootTest
 * &#64;EnsureCooperative
 * class OrderTests {
 * </pre>
 *
 * Goes with {@code @SpringBootTest} and each slice that has a cooperative pool; a context
 * without one fails the test, because nothing can be checked there. Such a test does not
 * run in parallel with others, so that none is blamed for what another one does.
 *
 * @since 0.1.0
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@Isolated
@ExtendWith(EnsureCooperativeExtension.class)
public @interface EnsureCooperative {

	/**
	 * How long a connection may be held while its thread waits for something else than
	 * the database. The transaction around a {@code @Transactional} test may take longer.
	 * @return the time in milliseconds
	 */
	long maxIdleHoldMillis() default 500;

	/**
	 * How long a virtual thread may wait without leaving its carrier, unless it waits for
	 * a class that another thread loads. Event loops do not tell of less than
	 * {@code cooperative.jdbc.event-loop.stall-threshold}.
	 * @return the time in milliseconds
	 */
	long maxPinnedMillis() default 1000;

	/**
	 * How long a thread that neither waits nor loads classes may keep an event loop from
	 * others. Carriers of the JDK do not tell.
	 * @return the time in milliseconds
	 */
	long maxBlockedMillis() default 5000;

}
