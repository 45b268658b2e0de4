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
 * A thread was refused. It has no stack trace by default, because under overload there
 * are thousands of them a second.
 */
@Name("org.cooperativejdbc.Refused")
@Label("Refused")
@Description("A thread was refused a connection, or to wait for the server")
@Category("Cooperative JDBC")
@StackTrace(false)
final class RefusedEvent extends Event {

	@Label("Reason")
	@Nullable String reason;

	@Label("Pool")
	@Description("The pool that has refused a connection")
	@Nullable String pool;

}
