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

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import org.cooperativejdbc.ShareKey;
import org.jspecify.annotations.Nullable;

/**
 * Takes a {@link ShareKey} from a Reactor context to a thread, and from one thread to
 * another, where context propagation is used. It has no state, so that it may stay in the
 * registry of the JVM.
 *
 * @since 0.1.0
 */
public class ShareKeyAccessor implements ThreadLocalAccessor<ShareKey> {

	/**
	 * Create an accessor.
	 */
	public ShareKeyAccessor() {
	}

	/**
	 * Let context propagation take keys along from now on.
	 */
	public static void register() {
		ContextRegistry.getInstance().registerThreadLocalAccessor(new ShareKeyAccessor());
	}

	@Override
	public Object key() {
		return ShareKey.class;
	}

	@Override
	public @Nullable ShareKey getValue() {
		return ShareKey.current();
	}

	@Override
	public void setValue(ShareKey value) {
		ShareKey.replace(value);
	}

	@Override
	public void setValue() {
		ShareKey.replace(null);
	}

}
