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

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command that starts a JVM like this one. All variants get the same options, also
 * those that only some of them need.
 */
public final class JavaCommand {

	private JavaCommand() {
	}

	/**
	 * Return a command.
	 * @param classPath the class path
	 * @param mainClass the name of the main class
	 * @param arguments further options of the JVM
	 * @return the command, for a {@link ProcessBuilder}
	 */
	public static List<String> of(String classPath, String mainClass, String... arguments) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.add("-Xmx1g");
		command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
		if (Runtime.version().feature() >= 24) {
			command.add("--enable-native-access=ALL-UNNAMED");
			command.add("--sun-misc-unsafe-memory-access=allow");
		}
		command.addAll(List.of(arguments));
		command.addAll(List.of("-cp", classPath.replace(":", File.pathSeparator), mainClass));
		return command;
	}

}
