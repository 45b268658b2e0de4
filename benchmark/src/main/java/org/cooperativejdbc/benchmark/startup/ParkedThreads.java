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

package org.cooperativejdbc.benchmark.startup;

import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.sun.management.UnixOperatingSystemMXBean;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.Spread;
import org.cooperativejdbc.benchmark.driver.ThreadModel;
import tools.jackson.databind.json.JsonMapper;

/**
 * How much memory a virtual thread takes that waits: for a server that never answers, or
 * for a connection of a pool whose connections are all waiting.
 */
final class ParkedThreads {

	private static final int ON_SOCKET = 10_000;

	private static final int ON_POOL = 100_000;

	private static final int OTHER_FILES = 1_000;

	private final Database database;

	private final Path file;

	ParkedThreads(Database database, Path directory) {
		this.database = database;
		this.file = directory.resolve("startup-parked.csv");
	}

	/**
	 * Measure all thread models in turn, round by round.
	 * @param rounds how many rounds
	 * @return a table
	 */
	String measure(int rounds) throws IOException {
		Map<String, List<ParkedMain.Memory>> results = new LinkedHashMap<>();
		try (EchoServer server = new EchoServer(); BufferedWriter csv = Files.newBufferedWriter(this.file)) {
			csv.write("variant,waits_for,threads,round,heap_bytes_per_thread,rss_bytes_per_thread\n");
			for (int round = 1; round <= rounds; round++) {
				for (ParkedMain.Setup setup : setups(server.port())) {
					ParkedMain.Memory memory = run(setup);
					csv.write(String.format(Locale.ROOT, "%s,%s,%d,%d,%.0f,%.0f%n", setup.model(), setup.waitsFor(),
							setup.threads(), round, memory.heap(), memory.rss()));
					csv.flush();
					results
						.computeIfAbsent(
								String.format("%-16s %-7s %7d", setup.model(), setup.waitsFor(), setup.threads()),
								(key) -> new ArrayList<>())
						.add(memory);
				}
			}
		}
		StringBuilder table = new StringBuilder(
				"Bytes of memory a virtual thread that waits takes\n\nvariant          for     threads  heap, resident\n");
		results.forEach((key, memory) -> table.append(key)
			.append("  ")
			.append(Spread.of(memory, ParkedMain.Memory::heap).format())
			.append(", ")
			.append(Spread.of(memory, ParkedMain.Memory::rss).format())
			.append('\n'));
		return table.toString();
	}

	private List<ParkedMain.Setup> setups(int port) {
		List<ParkedMain.Setup> setups = new ArrayList<>();
		for (ParkedMain.WaitsFor waitsFor : ParkedMain.WaitsFor.values()) {
			int threads = (waitsFor == ParkedMain.WaitsFor.SERVER) ? Math.min(ON_SOCKET, mostFiles()) : ON_POOL;
			for (ThreadModel model : ThreadModel.values()) {
				if (model != ThreadModel.PLATFORM) {
					setups.add(new ParkedMain.Setup(model, waitsFor, threads, port, this.database.target()));
				}
			}
		}
		return setups;
	}

	private static int mostFiles() {
		return (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)
				? (int) Math.min(Integer.MAX_VALUE, system.getMaxFileDescriptorCount()) - OTHER_FILES : ON_SOCKET;
	}

	private ParkedMain.Memory run(ParkedMain.Setup setup) throws IOException {
		Process process = new ProcessBuilder(this.database.client(JavaCommand.DEFAULT.of(ParkedMain.class)))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		JsonMapper json = new JsonMapper();
		try (BufferedWriter input = process.outputWriter()) {
			input.write(json.writeValueAsString(setup));
		}
		String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		return json.readValue(answer, ParkedMain.Memory.class);
	}

	/**
	 * Accepts connections, and keeps silent on those which nothing is sent on.
	 */
	private static final class EchoServer implements AutoCloseable {

		private final ServerSocket server = new ServerSocket();

		EchoServer() throws IOException {
			this.server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), ON_SOCKET);
			Thread.ofPlatform().daemon().start(this::accept);
		}

		int port() {
			return this.server.getLocalPort();
		}

		private void accept() {
			try {
				while (true) {
					Socket socket = this.server.accept();
					Thread.ofVirtual().start(() -> answer(socket));
				}
			}
			catch (IOException ex) {
				// Closed
			}
		}

		private static void answer(Socket socket) {
			try (socket) {
				int value;
				while ((value = socket.getInputStream().read()) != -1) {
					TimeUnit.MILLISECONDS.sleep(1);
					socket.getOutputStream().write(value);
				}
			}
			catch (IOException | InterruptedException ex) {
				// The client has ended
			}
		}

		@Override
		public void close() throws IOException {
			this.server.close();
		}

	}

}
