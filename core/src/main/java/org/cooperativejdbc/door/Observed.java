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

package org.cooperativejdbc.door;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.HoldTimes;
import org.jspecify.annotations.Nullable;

/**
 * What can be seen of an application by those who want to know who blocks in it.
 *
 * @param description what was done to it
 * @param holdTimes who holds its connections
 * @param eventLoopCalls who is about to wait on an event loop
 * @param eventLoops what carries its threads, or {@code null} if the JDK does
 * @since 0.1.0
 */
public record Observed(CooperativeJdbc description, HoldTimes holdTimes, EventLoopCalls eventLoopCalls,
		@Nullable EventLoops eventLoops) {
}
