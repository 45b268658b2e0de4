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

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

/**
 * Waits for what the body of a method returns, inside of all other advice.
 */
class CallBodyInterceptor implements MethodInterceptor {

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		CallBody body = CallBody.current();
		if (body == null) {
			throw new IllegalStateException("Thread '" + Thread.currentThread().getName() + "' called '"
					+ invocation.getMethod() + "' with @CooperativeCall for another one, as the advice of a"
					+ " reactive transaction manager does; its body blocks and must stay on the thread of the call");
		}
		return body.take(invocation.proceed());
	}

}
