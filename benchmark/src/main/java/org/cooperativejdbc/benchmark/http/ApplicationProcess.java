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

package org.cooperativejdbc.benchmark.http;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.Database.Target;
import org.cooperativejdbc.benchmark.JavaCommand;

/**
 * A running application.
 */
public final class ApplicationProcess implements AutoCloseable {

	private static final String PACKAGE = "org.cooperativejdbc.benchmark.application.";

	private static final String READY = "ready ";

	private final Process process;

	private final int port;

	private ApplicationProcess(Process process, int port) {
		this.process = process;
		this.port = port;
	}

	/**
	 * Start an application and wait until it is ready.
	 * @param kind the application
	 * @param database the server
	 * @param cell the load
	 * @param poolSize how many connections it has
	 * @param java what starts its JVM
	 * @param jars tells the jars it gets
	 * @param options further options of its JVM
	 * @return the application, when it is ready
	 * @throws IOException if it does not start
	 */
	public static ApplicationProcess start(ApplicationKind kind, Database database, Cell cell, int poolSize,
			JavaCommand java, Predicate<String> jars, String... options) throws IOException {
		String classPath = Stream.of(java.classPath(kind.classPath()).split(File.pathSeparator))
			.filter(jars)
			.collect(Collectors.joining(File.pathSeparator));
		List<String> command = java.of(classPath, PACKAGE + (kind.jpa() ? "jpa.Jpa" : "r2dbc.R2dbc") + "Application",
				options);
		command.addAll(kind.properties().stream().map("--"::concat).toList());
		ProcessBuilder builder = new ProcessBuilder(database.client(command))
			.redirectError(ProcessBuilder.Redirect.INHERIT);
		Target target = database.target(cell);
		builder.environment().putAll(kind.jpa() ? jdbc(target, poolSize) : r2dbc(target, poolSize));
		Process process = builder.start();
		return new ApplicationProcess(process, awaitReady(kind, process));
	}

	private static Map<String, String> jdbc(Target target, int poolSize) {
		return Map.of("SPRING_DATASOURCE_URL", target.url(), "SPRING_DATASOURCE_USERNAME", target.username(),
				"SPRING_DATASOURCE_PASSWORD", target.password(), "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE",
				Integer.toString(poolSize));
	}

	private static Map<String, String> r2dbc(Target target, int poolSize) {
		String size = Integer.toString(poolSize);
		return Map.of("SPRING_R2DBC_URL",
				"r2dbc:postgresql://%s:%d/%s?sslMode=%s&schema=%s".formatted(target.host(), target.port(),
						target.database(), target.sslMode(), target.searchPath()),
				"SPRING_R2DBC_USERNAME", target.username(), "SPRING_R2DBC_PASSWORD", target.password(),
				"SPRING_R2DBC_POOL_INITIAL_SIZE", size, "SPRING_R2DBC_POOL_MAX_SIZE", size);
	}

	private static int awaitReady(ApplicationKind kind, Process process) throws IOException {
		BufferedReader output = process.inputReader();
		String line;
		while ((line = output.readLine()) != null) {
			if (line.startsWith(READY)) {
				Thread.ofVirtual().start(() -> output.lines().forEach(System.err::println));
				return Integer.parseInt(line.substring(READY.length()));
			}
			System.err.println(line);
		}
		throw new IOException("The application '" + kind + "' has ended");
	}

	/**
	 * Return the process.
	 * @return its handle
	 */
	public ProcessHandle handle() {
		return this.process.toHandle();
	}

	URI uri() {
		return URI.create("http://127.0.0.1:" + this.port);
	}

	/**
	 * End the application. A JVM that has an AOT cache to write takes its time.
	 */
	@Override
	public void close() {
		this.process.destroy();
		try {
			if (!this.process.waitFor(60, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
