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

package org.cooperativejdbc.pool;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A connection that is held while connections are {@linkplain HoldWatch watched}.
 *
 * @param pool the name of its pool
 * @param thread the thread that has borrowed it
 * @param idle how long it was held so far while the database did nothing for it, or
 * {@code null} if its socket does not tell
 * @param borrowed the stack of the borrow, the same object each time
 * @since 0.1.0
 */
public record HeldConnection(String pool, Thread thread, @Nullable Duration idle, Throwable borrowed) {
}
