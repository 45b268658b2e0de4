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

package org.cooperativejdbc.benchmark;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Two machines in one: the server is in a network namespace and has one half of the
 * processors, and what is measured has the other half. Each side handles the packets it
 * receives on its own processors, as two hosts do. This process and the load generators
 * are on the side of the server.
 */
final class Apart implements Closeable {

	private static final String NAMESPACE = "cooperative-benchmark";

	private static final List<String> IN_NAMESPACE = List.of("ip", "netns", "exec", NAMESPACE);

	private static final String CLIENT_LINK = "coop-client";

	private static final String SERVER_LINK = "coop-server";

	/**
	 * Of the network that RFC 2544 sets aside for benchmarks.
	 */
	private static final String CLIENT_ADDRESS = "198.18.0.1";

	private static final String SERVER_ADDRESS = "198.18.0.2";

	private static final int SECONDS_TO_END = 30;

	private final Processors clientSide;

	private final Process server;

	private final int port;

	private Apart(Processors clientSide, Process server, int port) {
		this.clientSide = clientSide;
		this.server = server;
		this.port = port;
	}

	/**
	 * Return why it cannot be had.
	 * @return the reason, or {@code null} if it can
	 */
	static @Nullable String unavailableReason() {
		if (!"root".equals(System.getProperty("user.name"))) {
			return "--apart needs root, for it makes a network namespace";
		}
		if (!Programs.isPresent("ip") || !Programs.isPresent("taskset")) {
			return "--apart needs 'ip' and 'taskset' on the PATH; in Debian they come with iproute2 and util-linux";
		}
		return (Runtime.getRuntime().availableProcessors() > 1) ? null : "--apart needs two processors";
	}

	/**
	 * Start a server. What an earlier run has left is removed first, and what this one
	 * has made is removed whatever ends it, short of SIGKILL.
	 */
	static Apart start(boolean tls, Path directory, int distanceMillis) throws IOException {
		Processors processors = Processors.allowed();
		Processors clientSide = processors.firstHalf();
		Processors serverSide = processors.secondHalf();
		System.out.printf("Apart: client on processors %s; server and load on %s%n", clientSide, serverSide);
		Runtime.getRuntime().addShutdownHook(new Thread(Apart::endAll));
		remove();
		run("taskset --all-tasks --cpu-list --pid %s %d".formatted(serverSide, ProcessHandle.current().pid()));
		connect(clientSide, serverSide);
		List<String> command = new ArrayList<>(IN_NAMESPACE);
		command.addAll(JavaCommand.DEFAULT.of(EmbeddedServer.class));
		command.addAll(List.of(Boolean.toString(tls), directory.toString(), Integer.toString(distanceMillis)));
		Process server = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		String answer = server.inputReader().readLine();
		if (answer == null || !answer.startsWith(EmbeddedServer.READY)) {
			throw new IOException("The server has not started: " + answer);
		}
		return new Apart(clientSide, server, Integer.parseInt(answer.substring(EmbeddedServer.READY.length())));
	}

	private static void connect(Processors clientSide, Processors serverSide) throws IOException {
		run("ip netns add " + NAMESPACE);
		run("ip link add %s type veth peer name %s netns %s".formatted(CLIENT_LINK, SERVER_LINK, NAMESPACE));
		run("ip address add %s/30 dev %s".formatted(CLIENT_ADDRESS, CLIENT_LINK));
		run("ip link set %s up".formatted(CLIENT_LINK));
		run(receiveOn(clientSide, CLIENT_LINK));
		String inNamespace = String.join(" ", IN_NAMESPACE);
		run("%s ip address add %s/30 dev %s".formatted(inNamespace, SERVER_ADDRESS, SERVER_LINK));
		run("%s ip link set %s up".formatted(inNamespace, SERVER_LINK));
		run("%s ip link set lo up".formatted(inNamespace));
		run(Stream.concat(IN_NAMESPACE.stream(), receiveOn(serverSide, SERVER_LINK).stream()).toList());
	}

	private static List<String> receiveOn(Processors processors, String link) {
		return List.of("sh", "-c",
				"set -e; for queue in /sys/class/net/%s/queues/rx-*; do echo %s >$queue/rps_cpus; done".formatted(link,
						processors.mask()));
	}

	private static String run(List<String> command) throws IOException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes());
		if (process.onExit().join().exitValue() != 0) {
			throw new IOException("'" + String.join(" ", command) + "' failed: " + output);
		}
		return output;
	}

	private static String run(String command) throws IOException {
		return run(List.of(command.split(" ")));
	}

	private static void endAll() {
		ProcessHandle.current().children().forEach(ProcessHandle::destroy);
		try {
			remove();
		}
		catch (IOException ex) {
			ex.printStackTrace();
		}
	}

	/**
	 * End what is in the namespace and remove it, as far as it is there.
	 */
	private static synchronized void remove() throws IOException {
		boolean namespace = Files.exists(Path.of("/run/netns", NAMESPACE));
		if (namespace) {
			run("ip netns pids " + NAMESPACE).lines()
				.map(Long::valueOf)
				.map(ProcessHandle::of)
				.flatMap(Optional::stream)
				.forEach(Apart::end);
		}
		if (Files.exists(Path.of("/sys/class/net", CLIENT_LINK))) {
			run("ip link delete " + CLIENT_LINK);
		}
		if (namespace) {
			run("ip netns delete " + NAMESPACE);
		}
	}

	private static void end(ProcessHandle process) {
		process.destroy();
		process.onExit().completeOnTimeout(process, SECONDS_TO_END, TimeUnit.SECONDS).join();
		process.destroyForcibly();
	}

	String host() {
		return SERVER_ADDRESS;
	}

	int port() {
		return this.port;
	}

	/**
	 * Return what precedes the command of a process on the side of the client.
	 */
	List<String> client() {
		return List.of("taskset", "--cpu-list", this.clientSide.toString());
	}

	@Override
	public void close() throws IOException {
		this.server.outputWriter().close();
		this.server.onExit().completeOnTimeout(this.server, SECONDS_TO_END, TimeUnit.SECONDS).join();
		remove();
	}

}
