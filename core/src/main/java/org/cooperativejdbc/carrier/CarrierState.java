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

package org.cooperativejdbc.carrier;

import java.time.Duration;

/**
 * What can be seen of an event loop.
 *
 * @param thread the name of its thread
 * @param queued how many virtual threads can run and have to wait for others
 * @param longestRound the longest time in the last minute or two for which it did not
 * look whether an answer is there, zero if that is not measured
 * @param stuck for how long it has made no progress while there was no other thread to be
 * had, zero if it is not stuck
 * @since 0.1.0
 */
public record CarrierState(String thread, int queued, Duration longestRound, Duration stuck) {
}
