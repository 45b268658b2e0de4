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

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method of a bean whose body blocks although its caller must not: it is called
 * on a thread of its own, which is a virtual one unless the model is platform.
 * <p>
 * The method returns
 * <ul>
 * <li>a {@code Mono}, in the body for example by {@code Mono.just(...)}: each
 * subscription calls the body</li>
 * <li>a {@code Flux}, for example by {@code Flux.fromStream(...)}: each subscription
 * calls the body, and elements are taken from what it returns as the subscriber asks for
 * them. Within a transaction they are all taken before it ends.</li>
 * <li>a {@code CompletableFuture} or {@code CompletionStage}, for example by
 * {@code CompletableFuture.completedFuture(...)}: the body is called at once</li>
 * </ul>
 * Canceling the subscription or the future interrupts the thread, so that the statement
 * is canceled.
 * <p>
 * All other advice of the method, such as a transaction, works on that thread, around the
 * body and what it returns. A transaction of the caller's is not that of the method. What
 * cannot work fails when the bean is created, with the reason: another type of result, a
 * method that a proxy cannot call, {@code @Async}, or a reactive transaction manager. A
 * call from the same object passes no proxy, and so has no effect.
 *
 * @since 0.1.0
 */
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface CooperativeCall {

}
