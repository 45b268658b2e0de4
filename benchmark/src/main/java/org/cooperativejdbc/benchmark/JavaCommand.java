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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The command that starts a JVM like this one. All variants get the same options, also
 * those that only some of them need. On request, a variant gets the classes of another
 * checkout, or another number of carriers.
 *
 * @param name what that adds to the name of the variant
 * @param checkout where the classes are, or {@code null} for those of this checkout
 * @param options further options of the JVM
 */
public record JavaCommand(String name, @Nullable Path checkout, List<String> options) {

	/**
	 * Starts a JVM as it is.
	 */
	public static final JavaCommand DEFAULT = new JavaCommand("", null, List.of());

	static JavaCommand onClassesOf(String name, Path checkout) {
		return new JavaCommand(name, checkout.toAbsolutePath(), List.of());
	}

	static JavaCommand withCarriers(String name, int carriers) {
		return new JavaCommand(name, null, List.of("-Dcooperative.jdbc.event-loop.threads=" + carriers));
	}

	/**
	 * Return a command for a class of the benchmark.
	 * @param mainClass the main class
	 * @return the command, for a {@link ProcessBuilder}
	 * @throws IOException if the other checkout has not been built
	 */
	public List<String> of(Class<?> mainClass) throws IOException {
		return of((this.checkout != null)
				? this.checkout.resolve("benchmark/target/classes") + File.pathSeparator + classPath("")
				: System.getProperty("java.class.path"), mainClass.getName());
	}

	/**
	 * Return a command.
	 * @param classPath the class path
	 * @param mainClass the name of the main class
	 * @param arguments further options of the JVM
	 * @return the command, for a {@link ProcessBuilder}
	 */
	public List<String> of(String classPath, String mainClass, String... arguments) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.add("-Xmx1g");
		command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
		if (Runtime.version().feature() >= 24) {
			command.add("--enable-native-access=ALL-UNNAMED");
			command.add("--sun-misc-unsafe-memory-access=allow");
		}
		command.addAll(this.options);
		command.addAll(List.of(arguments));
		command.addAll(List.of("-cp", classPath.replace(":", File.pathSeparator), mainClass));
		return command;
	}

	/**
	 * Return the class path of a module, which the build writes to a file.
	 * @param module the directory of the module within that of the benchmark
	 * @return its dependencies
	 * @throws IOException if the module has not been built
	 */
	public String classPath(String module) throws IOException {
		Path modules = (this.checkout != null) ? this.checkout.resolve("benchmark")
				: Path.of(System.getProperty("benchmark.applications", "."));
		return Files.readString(modules.resolve(Path.of(module, "target", "class-path")));
	}

}
