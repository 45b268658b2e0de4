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
 * Marks a method of a bean whose body blocks, while its caller must not block. The body
 * is called on a thread of its own, which is a virtual thread unless the model is
 * platform.
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
 * All other advice of the method, such as a transaction, runs on that thread, around the
 * body and what it returns. The method does not take part in a transaction of the caller.
 * A call from the same object does not pass the proxy, and so has no effect. Creating the
 * bean fails, with the reason, if the method has another result type, cannot be called by
 * a proxy, is {@code @Async}, or uses a reactive transaction manager.
 *
 * @since 0.1.0
 */
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface CooperativeCall {

}
