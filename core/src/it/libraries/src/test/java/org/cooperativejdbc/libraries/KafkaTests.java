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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * How Kafka's clients wait. There is no broker: a server that does not answer is one for
 * whose records and acknowledgments they wait in the same places.
 */
class KafkaTests {

	private static final ProducerRecord<String, String> RECORD = new ProducerRecord<>("topic", "value");

	@LibraryTest(value = "Kafka: `send`, until the metadata are there", library = KafkaProducer.class)
	void send(Trial trial) throws Exception {
		trial.run(SendWait::new);
	}

	@LibraryTest(value = "Kafka: `send(…).get()`", library = KafkaProducer.class)
	void acknowledgment(Trial trial) throws Exception {
		trial.run(AcknowledgmentWait::new);
	}

	@LibraryTest(value = "Kafka: `poll` of a consumer, protocol `classic`", library = KafkaConsumer.class)
	void poll(Trial trial) throws Exception {
		trial.run(PollWait::new);
	}

	private static final class SendWait implements Wait {

		private final SilentServer server = new SilentServer();

		private final KafkaProducer<String, String> producer = new KafkaProducer<>(
				Map.<String, Object>of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:" + this.server.port(),
						ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 1000),
				new StringSerializer(), new StringSerializer());

		private SendWait() throws IOException {
		}

		@Override
		public Object call() {
			try {
				return this.producer.send(RECORD);
			}
			catch (KafkaException ex) {
				return ex;
			}
		}

		@Override
		public void awaitBegun() throws InterruptedException {
			this.server.awaitRequest();
		}

		@Override
		public void end() throws IOException {
			this.server.close();
			this.producer.close(Duration.ZERO);
		}

	}

	/**
	 * What is waited for is the real producer's future.
	 */
	private static final class AcknowledgmentWait implements Wait {

		private final MockProducer<String, String> producer = new MockProducer<>(false, null, new StringSerializer(),
				new StringSerializer());

		private final Future<?> sent = this.producer.send(RECORD);

		@Override
		public Object call() throws Exception {
			return this.sent.get();
		}

		@Override
		public void end() {
			this.producer.completeNext();
		}

	}

	private static final class PollWait implements Wait {

		private final SilentServer server = new SilentServer();

		private final KafkaConsumer<String, String> consumer;

		private PollWait() throws IOException {
			this.consumer = new KafkaConsumer<>(
					Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:" + this.server.port(),
							ConsumerConfig.GROUP_ID_CONFIG, "group", ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic"),
					new StringDeserializer(), new StringDeserializer());
			this.consumer.assign(List.of(new TopicPartition("topic", 0)));
		}

		@Override
		public Object call() {
			try {
				return this.consumer.poll(Duration.ofSeconds(60));
			}
			catch (WakeupException ex) {
				return ex;
			}
		}

		@Override
		public void awaitBegun() throws InterruptedException {
			this.server.awaitRequest();
		}

		@Override
		public void end() {
			this.consumer.wakeup();
		}

		@Override
		public void close() throws IOException {
			this.server.close();
			this.consumer.close(CloseOptions.timeout(Duration.ZERO));
		}

	}

}
