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

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.JavaCommand;
import org.cooperativejdbc.benchmark.Sample;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A load in a process of its own.
 */
public final class LoadProcess implements Contestant {

	private static final JsonMapper json = new JsonMapper();

	private final LoadSource source;

	private final Process process;

	private final BufferedWriter tasks;

	private final BufferedReader answers;

	/**
	 * Start a client of the database, which is what is measured.
	 * @param java what starts a JVM
	 * @param database the server
	 * @param source the load
	 * @param connections how many connections it has
	 * @return the running client
	 * @throws IOException if it does not start
	 */
	public static LoadProcess client(JavaCommand java, Database database, LoadSource source, int connections)
			throws IOException {
		return new LoadProcess(database.client(java.of(LoadMain.class)), source, connections, null);
	}

	/**
	 * Start the load of another process, which is what is measured.
	 * @param measured the process
	 * @param source the load
	 * @param connections how many connections it has
	 * @return the running load
	 * @throws IOException if it does not start
	 */
	public static LoadProcess on(ProcessHandle measured, LoadSource source, int connections) throws IOException {
		return new LoadProcess(JavaCommand.DEFAULT.of(LoadMain.class), source, connections, measured);
	}

	private LoadProcess(List<String> command, LoadSource source, int connections, @Nullable ProcessHandle measured)
			throws IOException {
		this.source = source;
		this.process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		this.tasks = this.process.outputWriter();
		this.answers = this.process.inputReader();
		send(new LoadMain.Setup(source, connections, (measured != null) ? measured.pid() : 0));
	}

	@Override
	public void warmUp(int limitSeconds) throws IOException {
		run(new LoadMain.Task(true, limitSeconds));
	}

	@Override
	public Sample round(int seconds) throws IOException {
		LoadMain.Answer answer = run(new LoadMain.Task(false, seconds));
		answer.remarks().forEach((remark) -> System.out.println("    " + remark));
		return answer.sample();
	}

	private LoadMain.Answer run(LoadMain.Task task) throws IOException {
		send(task);
		String answer = this.answers.readLine();
		if (answer == null) {
			throw new IOException("The process of " + this.source + " has ended");
		}
		return json.readValue(answer, LoadMain.Answer.class);
	}

	private void send(Object message) throws IOException {
		this.tasks.write(json.writeValueAsString(message));
		this.tasks.newLine();
		this.tasks.flush();
	}

	@Override
	public void close() throws IOException {
		this.tasks.close();
		try {
			if (!this.process.waitFor(10, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
