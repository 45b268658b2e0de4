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

package org.cooperativejdbc.socket;

import java.util.concurrent.ThreadFactory;

import org.cooperativejdbc.carrier.EventLoops;

/**
 * The threads that use the sockets.
 */
enum ThreadKind {

	PLATFORM {

		@Override
		ThreadFactory factory(EventLoops loops) {
			return Thread.ofPlatform().daemon().factory();
		}

	},

	/**
	 * Virtual threads on the scheduler of the JDK.
	 */
	VIRTUAL {

		@Override
		ThreadFactory factory(EventLoops loops) {
			return Thread.ofVirtual().factory();
		}

	},

	/**
	 * Virtual threads carried by an event loop.
	 */
	CARRIED {

		@Override
		ThreadFactory factory(EventLoops loops) {
			return loops.threadFactory("carried-");
		}

	},

	/**
	 * Virtual threads carried by an event loop of Netty's.
	 */
	CARRIED_BY_NETTY {

		@Override
		ThreadFactory factory(EventLoops nettyLoops) {
			return nettyLoops.threadFactory("netty-carried-");
		}

	};

	abstract ThreadFactory factory(EventLoops loops);

}
