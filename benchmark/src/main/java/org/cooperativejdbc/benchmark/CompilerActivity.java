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

import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;

/**
 * Tells when the compilers of a JVM have fallen quiet: for ten seconds in a row they took
 * less than a hundredth of the time.
 */
public final class CompilerActivity {

	private static final int QUIET_SECONDS = 10;

	private static final long QUIET_MILLIS = 10;

	private CompilerActivity() {
	}

	/**
	 * Wait until the compilers are quiet.
	 * @param process the JVM
	 * @param limitSeconds when to stop if they are not
	 * @throws IOException if the JVM cannot be observed
	 */
	public static void awaitQuiet(ProcessHandle process, int limitSeconds) throws IOException {
		try {
			if (process.equals(ProcessHandle.current())) {
				awaitQuiet(ManagementFactory.getCompilationMXBean(), limitSeconds);
				return;
			}
			try (JMXConnector connector = JMXConnectorFactory.connect(managementAgent(process))) {
				awaitQuiet(ManagementFactory.newPlatformMXBeanProxy(connector.getMBeanServerConnection(),
						ManagementFactory.COMPILATION_MXBEAN_NAME, CompilationMXBean.class), limitSeconds);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException("Interrupted", ex);
		}
	}

	private static void awaitQuiet(CompilationMXBean compilers, int limitSeconds) throws InterruptedException {
		long before = compilers.getTotalCompilationTime();
		int quiet = 0;
		for (int second = 0; second < limitSeconds && quiet < QUIET_SECONDS; second++) {
			TimeUnit.SECONDS.sleep(1);
			long now = compilers.getTotalCompilationTime();
			quiet = (now - before < QUIET_MILLIS) ? quiet + 1 : 0;
			before = now;
		}
	}

	private static JMXServiceURL managementAgent(ProcessHandle process) throws IOException {
		try {
			VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
			try {
				return new JMXServiceURL(machine.startLocalManagementAgent());
			}
			finally {
				machine.detach();
			}
		}
		catch (AttachNotSupportedException ex) {
			throw new IOException("Process " + process.pid() + " cannot be observed", ex);
		}
	}

}
