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

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * A carrier was replaced. The stack of the thread that writes the event says nothing
 * about it.
 */
@Name("org.cooperativejdbc.CarrierReplaced")
@Label("Carrier Replaced")
@Description("Another thread has taken over from an event loop that made no progress")
@Category("Cooperative JDBC")
@StackTrace(false)
final class CarrierReplacedEvent extends Event {

	@Label("Carrier")
	@Description("The thread that made no progress")
	@Nullable String carrier;

	@Label("Carried Thread")
	@Description("The virtual thread that it runs, if that is known")
	@Nullable Thread carried;

}
