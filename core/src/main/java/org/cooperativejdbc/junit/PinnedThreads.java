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

package org.cooperativejdbc.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Finds virtual threads that wait without leaving a carrier of the JDK, which only the
 * JDK knows and tells its Flight Recorder. It sees those of the whole JVM. Not to be
 * loaded in a runtime without the module {@code jdk.jfr}.
 */
final class PinnedThreads implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(PinnedThreads.class);

	private static final String EVENT = "jdk.VirtualThreadPinned";

	private final Recording recording = new Recording();

	private final Duration limit;

	private PinnedThreads(Duration limit) {
		this.limit = limit;
		this.recording.setName("cooperative-jdbc");
		this.recording.enable(EVENT).withThreshold(limit).withStackTrace();
		this.recording.start();
	}

	/**
	 * Start to look.
	 * @param limit how long a thread may wait
	 * @return what looks, or {@code null} if this JVM has no Flight Recorder
	 */
	static @Nullable PinnedThreads start(Duration limit) {
		try {
			return FlightRecorder.isAvailable() ? new PinnedThreads(limit) : null;
		}
		catch (RuntimeException ex) {
			logger.warn("Pinned threads are not looked for, as Flight Recorder does not start", ex);
			return null;
		}
	}

	/**
	 * Stop to look, and return what was found.
	 */
	List<Violation> stop() {
		this.recording.stop();
		try {
			Path file = Files.createTempFile("cooperative-jdbc", ".jfr");
			try {
				this.recording.dump(file);
				return RecordingFile.readAllEvents(file)
					.stream()
					.filter(this::isPinnedForLong)
					.map(PinnedThreads::violation)
					.toList();
			}
			finally {
				Files.delete(file);
			}
		}
		catch (IOException ex) {
			logger.warn("Pinned threads are not looked for, as the recording cannot be read", ex);
			return List.of();
		}
	}

	/**
	 * Return whether an event is one of those, which another recording may want of less.
	 */
	private boolean isPinnedForLong(RecordedEvent event) {
		return event.getEventType().getName().equals(EVENT) && event.getDuration().compareTo(this.limit) >= 0
				&& !ClassLoading.isIn(stack(event.getStackTrace()));
	}

	private static Violation violation(RecordedEvent event) {
		return Violation.of("A carrier was pinned for " + event.getDuration().toMillis() + " ms by thread '"
				+ name(event.getThread()) + "', which waits", stack(event.getStackTrace()));
	}

	private static String name(@Nullable RecordedThread thread) {
		if (thread == null) {
			return "unknown";
		}
		String name = thread.getJavaName();
		return (name == null || name.isEmpty()) ? "#" + thread.getJavaThreadId() : name;
	}

	private static StackTraceElement[] stack(@Nullable RecordedStackTrace stack) {
		return (stack != null) ? stack.getFrames()
			.stream()
			.filter(RecordedFrame::isJavaFrame)
			.map((frame) -> new StackTraceElement(frame.getMethod().getType().getName(), frame.getMethod().getName(),
					null, frame.getLineNumber()))
			.toArray(StackTraceElement[]::new) : new StackTraceElement[0];
	}

	@Override
	public void close() {
		this.recording.close();
	}

}
