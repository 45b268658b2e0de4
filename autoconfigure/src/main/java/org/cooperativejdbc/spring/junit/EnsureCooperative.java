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
 * Fails a test with a Spring application context if a carrier was blocked or pinned, JDBC
 * was called on an event loop, or a connection was held idle for too long or not given
 * back. The failure contains the stack of the responsible thread.
 *
 * <pre class="code">
 * &#64;SpringBootTest
 * &#64;EnsureCooperative
 * class OrderTests {
 * </pre>
 *
 * Works with {@code @SpringBootTest} and each slice that has a cooperative pool. A
 * context without one fails the test, because nothing can be checked. The test does not
 * run in parallel with others, so that it does not fail because of them.
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
	 * How long a connection may be held while its thread waits for something other than
	 * the database. The transaction around a {@code @Transactional} test may take longer.
	 * @return the time in milliseconds
	 */
	long maxIdleHoldMillis() default 500;

	/**
	 * How long a virtual thread may wait without leaving its carrier, unless it waits for
	 * a class that another thread loads. Event loops do not notice anything shorter than
	 * {@code cooperative.jdbc.event-loop.stall-threshold}.
	 * @return the time in milliseconds
	 */
	long maxPinnedMillis() default 1000;

	/**
	 * How long a thread that neither waits nor loads classes may occupy an event loop.
	 * This cannot be checked for carriers of the JDK.
	 * @return the time in milliseconds
	 */
	long maxBlockedMillis() default 5000;

}
