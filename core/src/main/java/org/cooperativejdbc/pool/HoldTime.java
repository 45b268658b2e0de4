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
 * How connections were held idle by one place of an application: the database did nothing
 * for them.
 *
 * @param callSite where they were given back, {@code class#method}
 * @param borrows how many of them were held idle for longer than the threshold
 * @param held how long they were held, together
 * @param idle how much of that they were idle
 * @param place where a thread was seen holding one idle while others waited,
 * {@code class#method}, or {@code null} if it never was
 * @since 0.1.0
 */
public record HoldTime(String callSite, long borrows, Duration held, Duration idle, @Nullable String place) {
}
