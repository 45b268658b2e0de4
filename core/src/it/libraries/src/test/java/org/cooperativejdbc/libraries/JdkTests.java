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
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;

import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * How the JDK itself waits.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "needs 'cat' and 'mkfifo'")
class JdkTests {

	@LibraryTest("JDK: `Socket`, read")
	void socket(Trial trial) throws Exception {
		trial.run(SocketWait::new);
	}

	@LibraryTest("JDK: `Process.waitFor`")
	void process(Trial trial) throws Exception {
		trial.run(() -> new ProcessWait(Process::waitFor));
	}

	@LibraryTest("JDK: the output of a process")
	void outputOfAProcess(Trial trial) throws Exception {
		trial.run(() -> new ProcessWait((process) -> process.getInputStream().read()));
	}

	@LibraryTest("JDK: `FileInputStream`, `FileChannel`, `Files`")
	void files(Trial trial, @TempDir Path directory) throws Exception {
		Path pipe = directory.resolve("pipe");
		new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
		trial.run(() -> new PipeWait(pipe, (file) -> file.read()));
		trial.run(() -> new PipeWait(pipe, (file) -> file.getChannel().read(ByteBuffer.allocate(1))));
	}

	private static final class SocketWait implements Wait {

		private final SilentServer server = new SilentServer();

		private SocketWait() throws IOException {
		}

		@Override
		public Object call() throws IOException {
			try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.server.port())) {
				socket.getOutputStream().write('?');
				return socket.getInputStream().read();
			}
		}

		@Override
		public void awaitBegun() throws InterruptedException {
			this.server.awaitRequest();
		}

		@Override
		public void end() throws IOException {
			this.server.answer("!");
		}

		@Override
		public void close() throws IOException {
			this.server.close();
		}

	}

	/**
	 * A process that says nothing and ends with its input.
	 */
	private static final class ProcessWait implements Wait {

		private final Process process = new ProcessBuilder("cat").start();

		private final Call<Process> call;

		private ProcessWait(Call<Process> call) throws IOException {
			this.call = call;
		}

		@Override
		public Object call() throws Exception {
			return this.call.on(this.process);
		}

		@Override
		public void end() throws IOException {
			this.process.getOutputStream().close();
		}

	}

	/**
	 * What a file is on a disk that answers late.
	 */
	private static final class PipeWait implements Wait {

		private final RandomAccessFile file;

		private final Call<RandomAccessFile> call;

		private PipeWait(Path pipe, Call<RandomAccessFile> call) throws IOException {
			this.file = new RandomAccessFile(pipe.toFile(), "rw");
			this.call = call;
		}

		@Override
		public Object call() throws Exception {
			return this.call.on(this.file);
		}

		@Override
		public void end() throws IOException {
			this.file.write('!');
		}

		@Override
		public void close() throws IOException {
			this.file.close();
		}

	}

	private interface Call<T> {

		Object on(T target) throws Exception;

	}

}
