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

package org.cooperativejdbc.benchmark.load;

import java.util.List;

/**
 * Many connections, on each of which an operation follows the other as soon as the last
 * answer is there.
 */
public interface Load {

	/**
	 * Connect and begin.
	 * @param connections how many
	 * @param recording takes down what was done
	 * @return the load, when all connections are there
	 * @throws Exception if it cannot begin
	 */
	Running start(int connections, Recording recording) throws Exception;

	/**
	 * A load that has begun.
	 */
	interface Running {

		/**
		 * End the load and close the connections.
		 * @throws Exception if it does not end
		 */
		void stop() throws Exception;

		/**
		 * Return what was seen beside the figures of all loads.
		 * @return lines of text, complete when the load has stopped
		 */
		default List<String> remarks() {
			return List.of();
		}

	}

}
