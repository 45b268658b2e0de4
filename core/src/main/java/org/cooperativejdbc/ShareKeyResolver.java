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

package org.cooperativejdbc;

import org.jspecify.annotations.Nullable;

/**
 * Returns the {@link ShareKey} of a thread, for example from the security context or the
 * current tenant.
 * <p>
 * It is called on a thread that holds no connection and has to wait for one, and must
 * return at once. If it throws, the thread has no key.
 *
 * @since 0.1.0
 * @see ShareKey
 */
@FunctionalInterface
public interface ShareKeyResolver {

	/**
	 * Return the key of the current thread.
	 * @return the key, or {@code null} or an empty one if there is none
	 */
	@Nullable String resolve();

}
