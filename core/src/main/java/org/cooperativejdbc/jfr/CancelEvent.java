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
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/**
 * The server was asked to cancel a statement. Each one is recorded, because they are few.
 */
@Name("org.cooperativejdbc.Cancel")
@Label("Cancel")
@Description("The server was asked to cancel a statement")
@Category("Cooperative JDBC")
@Threshold("0 ms")
final class CancelEvent extends Event implements FlightRecorder.Cancel {

	@Label("Cause")
	@Description("What the statement was canceled for, interrupt or deadline")
	@Nullable String cause;

	@Label("Answered")
	@Description("Whether the server has answered in time, so that the connection was kept")
	boolean answered;

	@Override
	public void ended(String cause, boolean answered) {
		end();
		if (shouldCommit()) {
			this.cause = cause;
			this.answered = answered;
			commit();
		}
	}

}
