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

package org.cooperativejdbc.spring;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What {@link Admission} holds transactions to.
 *
 * @param maxWaiting how many transactions may wait at once
 * @param maxWait how long a transaction may wait
 * @param reserve the connections that only a transaction inside another one gets, or
 * {@code null} for one, from the first time that there is such a transaction
 */
public record AdmissionLimits(int maxWaiting, Duration maxWait, @Nullable Integer reserve) {

}
