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

package org.cooperativejdbc.libraries;

import java.io.IOException;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.ServerApi;
import com.mongodb.ServerApiVersion;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import org.bson.Document;

/**
 * How MongoDB's drivers wait for a server.
 */
class MongodbTests {

	@LibraryTest(value = "MongoDB, synchronous driver", library = MongoClient.class)
	void synchronousDriver(Trial trial) throws Exception {
		trial.run(PingWait::new);
	}

	private static final class PingWait implements Wait {

		private final FakeMongodb server = new FakeMongodb();

		private final MongoClient client;

		private PingWait() throws IOException {
			this.client = MongoClients.create(MongoClientSettings.builder()
				.applyConnectionString(new ConnectionString(this.server.url()))
				.serverApi(ServerApi.builder().version(ServerApiVersion.V1).build())
				.build());
		}

		@Override
		public Object call() {
			return this.client.getDatabase("admin").runCommand(new Document("ping", 1));
		}

		@Override
		public void awaitBegun() throws InterruptedException {
			this.server.awaitRequest();
		}

		@Override
		public void end() {
			this.server.answer();
		}

		@Override
		public void close() throws IOException {
			this.client.close();
			this.server.close();
		}

	}

}
