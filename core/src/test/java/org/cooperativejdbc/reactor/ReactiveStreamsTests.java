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

package org.cooperativejdbc.reactor;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.SkipException;
import org.testng.annotations.Test;

/**
 * {@link ReactorCalls} are publishers as Reactive Streams wants them: its own test suite,
 * which is one of TestNG.
 */
class ReactiveStreamsTests {

	private static final Cooperative virtual = start(ConcurrencyModel.VIRTUAL);

	private static final Cooperative eventLoop = start(ConcurrencyModel.EVENT_LOOP);

	private static final Cooperative closed = start(ConcurrencyModel.VIRTUAL);

	@AfterAll
	static void close() {
		virtual.close();
		eventLoop.close();
	}

	@TestFactory
	Stream<DynamicContainer> publishers() {
		closed.close();
		return Stream.of(tests("flux, virtual", new FluxVerification(virtual)),
				tests("flux, event-loop", new FluxVerification(eventLoop)),
				tests("mono", new MonoVerification(virtual)));
	}

	private static Cooperative start(ConcurrencyModel model) {
		return Cooperative.start(CooperativeOptions.defaults().withModel(model).withThreads(2));
	}

	private static DynamicContainer tests(String name, PublisherVerification<Long> verification) {
		return DynamicContainer.dynamicContainer(name,
				Arrays.stream(verification.getClass().getMethods())
					.filter((method) -> method.isAnnotationPresent(Test.class))
					.map((method) -> DynamicTest.dynamicTest(method.getName(), () -> run(verification, method))));
	}

	private static void run(PublisherVerification<Long> verification, Method method) throws Throwable {
		verification.setUp();
		try {
			method.invoke(verification);
		}
		catch (InvocationTargetException ex) {
			if (ex.getCause() instanceof SkipException skipped) {
				Assumptions.abort(String.valueOf(skipped.getMessage()));
			}
			throw ex.getCause();
		}
	}

	public static class FluxVerification extends PublisherVerification<Long> {

		private final ReactorCalls calls;

		FluxVerification(Cooperative cooperative) {
			super(new TestEnvironment(1000, 20), 1000);
			this.calls = new ReactorCalls(cooperative);
		}

		@Override
		public Publisher<Long> createPublisher(long elements) {
			return this.calls.fromStream(() -> LongStream.range(0, elements).boxed());
		}

		@Override
		public Publisher<Long> createFailedPublisher() {
			return new ReactorCalls(closed).fromStream(Stream::empty);
		}

	}

	public static class MonoVerification extends PublisherVerification<Long> {

		private final ReactorCalls calls;

		MonoVerification(Cooperative cooperative) {
			super(new TestEnvironment(1000, 20), 1000);
			this.calls = new ReactorCalls(cooperative);
		}

		@Override
		public Publisher<Long> createPublisher(long elements) {
			return this.calls.fromCallable(() -> (elements != 0) ? elements : null);
		}

		@Override
		public Publisher<Long> createFailedPublisher() {
			return new ReactorCalls(closed).fromCallable(() -> 1L);
		}

		@Override
		public long maxElementsFromPublisher() {
			return 1;
		}

	}

}
