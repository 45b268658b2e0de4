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

import org.jspecify.annotations.Nullable;

/**
 * How transactions of one name held their connections.
 *
 * @param transaction the name of the transaction, {@code class#method}
 * @param samples how often a running one was seen
 * @param idleShare the share of samples in which the database did nothing for it
 * @param place where it was seen idle most often, {@code class#method}, or {@code null}
 * if it never was
 * @param placeShare the share of samples in which it was idle there
 * @since 0.1.0
 */
public record HoldTime(String transaction, long samples, double idleShare, @Nullable String place, double placeShare) {

}
