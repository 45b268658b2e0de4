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

package org.cooperativejdbc.test;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.opentest4j.TestAbortedException;

/**
 * A server in a process of its own, that ends with this JVM at the latest.
 */
final class ServerProcess implements AutoCloseable {

	private final Process process;

	private final Path log;

	private final Thread ending;

	private ServerProcess(Process process, Path log) {
		this.process = process;
		this.log = log;
		this.ending = new Thread(this::kill);
		Runtime.getRuntime().addShutdownHook(this.ending);
	}

	/**
	 * Return where a program of a package of Debian's is.
	 * @throws TestAbortedException if the package is not installed
	 */
	static Path find(String program, String debianPackage) {
		String path = System.getenv("PATH") + ":/usr/local/sbin:/usr/sbin";
		return Stream.of(path.split(":"))
			.map((directory) -> Path.of(directory, program))
			.filter(Files::isExecutable)
			.findFirst()
			.orElseThrow(
					() -> new TestAbortedException(program + " is not installed: apt-get install " + debianPackage));
	}

	/**
	 * Return what a program prints.
	 */
	static String output(List<String> command) throws IOException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		process.getOutputStream().close();
		return new String(process.getInputStream().readAllBytes());
	}

	/**
	 * Start a server.
	 * @param directory where it writes its log
	 */
	static ServerProcess start(Path directory, List<String> command) throws IOException {
		Path log = directory.resolve("server.log");
		Process process = new ProcessBuilder(command).directory(directory.toFile())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
			.start();
		process.getOutputStream().close();
		return new ServerProcess(process, log);
	}

	/**
	 * Wait until the server accepts connections.
	 */
	void awaitPort(InetSocketAddress address) throws IOException {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (true) {
			try (Socket socket = new Socket(Proxy.NO_PROXY)) {
				socket.connect(address, 1000);
				return;
			}
			catch (IOException ex) {
				failUnlessAlive(end, ex);
			}
		}
	}

	/**
	 * Pause for a moment, unless the server has ended or the time is over.
	 */
	void failUnlessAlive(long end, Exception cause) throws IOException {
		if (!this.process.isAlive() || System.nanoTime() > end) {
			throw new IOException(this.process.info() + ": " + Files.readString(this.log), cause);
		}
		LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
	}

	/**
	 * Send a signal to the process alone.
	 */
	void signal(String name) throws IOException {
		signal(name, List.of(this.process.toHandle()));
	}

	/**
	 * Send a signal to the process and its children, first to itself.
	 */
	void signalAll(String name) throws IOException {
		signal(name);
		signal(name, this.process.descendants().toList());
	}

	private static void signal(String name, List<ProcessHandle> processes) throws IOException {
		StringBuilder command = new StringBuilder("kill -").append(name);
		processes.forEach((process) -> command.append(' ').append(process.pid()));
		if (!processes.isEmpty()) {
			output(List.of("sh", "-c", command.toString()));
		}
	}

	void awaitEnd() {
		try {
			if (!this.process.waitFor(20, TimeUnit.SECONDS)) {
				kill();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Kill the process and its children, first the one that would tell the others.
	 */
	void kill() {
		List<ProcessHandle> children = this.process.descendants().toList();
		this.process.destroyForcibly();
		children.forEach(ProcessHandle::destroyForcibly);
	}

	@Override
	public void close() {
		kill();
		awaitEnd();
		try {
			Runtime.getRuntime().removeShutdownHook(this.ending);
		}
		catch (IllegalStateException ex) {
			// The JVM ends
		}
	}

}
