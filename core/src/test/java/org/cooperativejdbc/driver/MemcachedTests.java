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

package org.cooperativejdbc.driver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import net.rubyeye.xmemcached.XMemcachedClient;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.TcpProxy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * XMemcached has no place for sockets, and needs none: its own thread talks to the
 * server, and whoever calls it waits in a way that lets the carrier go on.
 */
class MemcachedTests {

	private static final int COMMANDS = 100;

	@Test
	void oneEventLoopHasAllCommandsInTheServer() throws Exception {
		try (EventLoops loops = EventLoops.start(1)) {
			assertThat(peak(Executors.newThreadPerTaskExecutor(loops.threadFactory("user-")), COMMANDS, COMMANDS))
				.isEqualTo(COMMANDS);
		}
	}

	/**
	 * The control: a platform thread waits for one command after the other.
	 */
	@Test
	void onePlatformThreadHasOneCommandInTheServer() throws Exception {
		assertThat(peak(Executors.newSingleThreadExecutor(), 3, 1)).isOne();
	}

	private static int peak(ExecutorService executor, int commands, int atOnce) throws Exception {
		try (MemcachedServer server = new MemcachedServer(atOnce)) {
			XMemcachedClient client = new XMemcachedClient(
					new InetSocketAddress("localhost", server.address().getPort()));
			try (executor) {
				List<Future<String>> running = new ArrayList<>();
				for (int i = 0; i < commands; i++) {
					String key = "key" + i;
					running.add(executor.submit(() -> client.get(key, 20_000)));
				}
				for (int i = 0; i < commands; i++) {
					assertThat(running.get(i).get(30, TimeUnit.SECONDS)).isEqualTo("key" + i);
				}
			}
			finally {
				client.shutdown();
			}
			return server.peak.get();
		}
	}

	/**
	 * Speaks as much of the protocol as it takes to get values, which are their keys. It
	 * answers when that many commands are here.
	 */
	private static final class MemcachedServer extends TcpProxy {

		private final int atOnce;

		private final AtomicInteger peak = new AtomicInteger();

		private MemcachedServer(int atOnce) throws IOException {
			super(Thread.ofPlatform().daemon().name("memcached-", 0).factory());
			this.atOnce = atOnce;
		}

		@Override
		protected void serve(Socket client) throws IOException {
			BufferedReader in = new BufferedReader(
					new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
			List<List<String>> waiting = new ArrayList<>();
			for (String line = in.readLine(); line != null; line = in.readLine()) {
				String[] words = line.strip().split(" ");
				if (words[0].equals("quit")) {
					return;
				}
				if (words[0].equals("get")) {
					waiting.add(Arrays.asList(words).subList(1, words.length));
				}
				int commands = waiting.stream().mapToInt(List::size).sum();
				this.peak.accumulateAndGet(commands, Math::max);
				if (commands >= this.atOnce) {
					StringBuilder answers = new StringBuilder();
					waiting.forEach((keys) -> answers.append(answer(keys)));
					waiting.clear();
					client.getOutputStream().write(answers.toString().getBytes(StandardCharsets.US_ASCII));
				}
			}
		}

		private static String answer(List<String> keys) {
			StringBuilder answer = new StringBuilder();
			keys.forEach((key) -> answer.append("VALUE %s 0 %d\r\n%s\r\n".formatted(key, key.length(), key)));
			return answer.append("END\r\n").toString();
		}

	}

}
