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

package org.cooperativejdbc.jfr;

import jdk.jfr.Event;
import org.jspecify.annotations.Nullable;

/**
 * What needs the module {@code jdk.jfr}. All types of events are loaded with the first
 * one: {@code jfr view} knows only those that were there when a recording began to write.
 */
final class Events {

	static {
		load(new WaitEvent(), new BorrowEvent(), new CancelEvent(), new RefusedEvent(), new CarrierReplacedEvent());
	}

	private Events() {
	}

	private static void load(Event... events) {
		for (Event event : events) {
			event.isEnabled();
		}
	}

	static @Nullable WaitEvent beginWait() {
		WaitEvent event = new WaitEvent();
		if (!event.isEnabled()) {
			return null;
		}
		event.begin();
		return event;
	}

	static @Nullable BorrowEvent beginBorrow() {
		BorrowEvent event = new BorrowEvent();
		if (!event.isEnabled()) {
			return null;
		}
		event.begin();
		return event;
	}

	static @Nullable CancelEvent beginCancel() {
		CancelEvent event = new CancelEvent();
		if (!event.isEnabled()) {
			return null;
		}
		event.begin();
		return event;
	}

	static void refused(String reason, @Nullable String pool) {
		RefusedEvent event = new RefusedEvent();
		if (event.shouldCommit()) {
			event.reason = reason;
			event.pool = pool;
			event.commit();
		}
	}

	static boolean recordsReplacements() {
		return new CarrierReplacedEvent().isEnabled();
	}

	static void carrierReplaced(String carrier, @Nullable Thread carried) {
		CarrierReplacedEvent event = new CarrierReplacedEvent();
		if (event.shouldCommit()) {
			event.carrier = carrier;
			event.carried = carried;
			event.commit();
		}
	}

}
