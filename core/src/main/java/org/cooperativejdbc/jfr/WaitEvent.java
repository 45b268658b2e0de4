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

/**
 * A thread has waited for the server. The threshold is that of the JDK for reading from a
 * socket.
 */
@Name("org.cooperativejdbc.Wait")
@Label("Wait for the Server")
@Description("A thread has waited for the database server")
@Category("Cooperative JDBC")
@Threshold("20 ms")
final class WaitEvent extends Event implements FlightRecorder.Wait {

	@Label("Sending")
	@Description("Whether the server took no more bytes, rather than owed an answer")
	boolean sending;

	@Override
	public void ended(boolean sending) {
		end();
		if (shouldCommit()) {
			this.sending = sending;
			commit();
		}
	}

}
