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

import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Goes on with the invocation of a method on a thread of its own.
 */
class CallInterceptor implements MethodInterceptor {

	private final Supplier<CooperativeThreads> threads;

	CallInterceptor(Supplier<CooperativeThreads> threads) {
		this.threads = threads;
	}

	@Override
	public Object invoke(MethodInvocation invocation) {
		MethodInvocation call = ((ProxyMethodInvocation) invocation).invocableClone();
		if (CompletionStage.class.isAssignableFrom(invocation.getMethod().getReturnType())) {
			return this.threads.get().call(() -> new CallBody().call(call));
		}
		return PublisherBody.publisher(call, this.threads.get());
	}

}
