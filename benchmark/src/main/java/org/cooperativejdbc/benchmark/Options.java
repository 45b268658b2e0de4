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

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What to measure, as the command line says it. An empty list stands for what the
 * scenario measures by default.
 */
public final class Options {

	@Option(names = "--variants", split = ",", paramLabel = "a,b",
			description = "only these variants; event-loop@8 is one with eight carriers, event-loop@baseline one with "
					+ "the classes of --baseline")
	private List<String> variants = new ArrayList<>();

	@Option(names = "--baseline", paramLabel = "DIR", description = "another checkout, which has been built")
	private @Nullable Path baseline;

	@Option(names = "--versus", split = ",", paramLabel = "a,b",
			description = "a further table, with the ratios to these variants")
	private List<String> versus = new ArrayList<>();

	@Option(names = "--concurrency", split = ",", paramLabel = "N",
			description = "connections (driver), threads (doors) or clients (http, overload); a list is measured one "
					+ "after the other")
	private List<Integer> concurrency = new ArrayList<>();

	@Option(names = "--latency", split = ",", paramLabel = "MS", description = "what a query takes in the server")
	private List<Integer> latency = new ArrayList<>();

	@Option(names = "--rounds", paramLabel = "R", defaultValue = "5",
			description = "rounds of each variant (default 5)")
	private int rounds;

	@Option(names = "--starts", paramLabel = "N", defaultValue = "1",
			description = "how often all that is started anew (default 1), with so many rounds each time")
	private int starts;

	@Option(names = "--seconds", paramLabel = "S", description = "length of a round (default 5; overload 60)")
	private @Nullable Integer seconds;

	@Option(names = "--warm-up", paramLabel = "S", defaultValue = "90",
			description = "longest warm-up of a variant (default 90); it ends when the compilers are quiet")
	private int warmUp;

	@Option(names = "--url", paramLabel = "JDBC-URL",
			description = "measure on this server instead of an embedded one, in schemas of the benchmark's own")
	private @Nullable String url;

	@Option(names = "--apart",
			description = "the server in a network namespace and on processors of its own; needs root, ip and taskset")
	private boolean apart;

	@Option(names = "--distance", paramLabel = "MS",
			description = "with --apart: how much longer each round trip to the server takes (default 0)")
	private int distance;

	@Option(names = "--request", split = ",", paramLabel = "a,b",
			description = "only these requests of http (lookup, hogs, queries, fortunes, updates), or only these doors "
					+ "(call, executor, await, offload, ready)")
	private List<String> requests = new ArrayList<>();

	@Option(names = "--tls", description = "encrypt the connections to the database")
	private boolean tls;

	@Option(names = "--aot-cache", description = "startup: with an AOT cache of the JDK, version 25 or newer (JEP 514)")
	private boolean aotCache;

	public List<Integer> concurrency(Integer... byDefault) {
		return this.concurrency.isEmpty() ? List.of(byDefault) : this.concurrency;
	}

	public List<Integer> latency(Integer... byDefault) {
		return this.latency.isEmpty() ? List.of(byDefault) : this.latency;
	}

	public boolean requests(String request) {
		return this.requests.isEmpty() || this.requests.contains(request);
	}

	public int rounds() {
		return this.rounds;
	}

	int starts() {
		return this.starts;
	}

	public int seconds(int byDefault) {
		return (this.seconds != null) ? this.seconds : byDefault;
	}

	public int warmUp() {
		return this.warmUp;
	}

	@Nullable String url() {
		return this.url;
	}

	int distance() {
		return this.distance;
	}

	public boolean apart() {
		return this.apart;
	}

	List<String> versus() {
		return this.versus;
	}

	public boolean tls() {
		return this.tls;
	}

	public boolean aotCache() {
		return this.aotCache;
	}

	/**
	 * Return those of all variants that are asked for, or else those that need not be.
	 */
	List<? extends Variant> select(List<? extends Variant> all) {
		if (this.variants.isEmpty()) {
			return all.stream().filter((variant) -> !variant.onRequest()).toList();
		}
		return this.variants.stream().map((name) -> select(all, name)).toList();
	}

	private Variant select(List<? extends Variant> all, String name) {
		int at = name.indexOf('@');
		if (at != -1) {
			return select(all, name.substring(0, at)).on(java(name, name.substring(at)));
		}
		return all.stream().filter((variant) -> variant.toString().equals(name)).findFirst().orElseThrow(() -> {
			String names = all.stream().map(Variant::toString).collect(Collectors.joining(", "));
			return new IllegalArgumentException("No variant '" + name + "'; there are " + names);
		});
	}

	private JavaCommand java(String variant, String name) {
		if (name.equals("@baseline") && this.baseline != null) {
			return JavaCommand.onClassesOf(name, this.baseline);
		}
		if (variant.contains("-loop") && name.matches("@[1-9][0-9]*")) {
			return JavaCommand.withCarriers(name, Integer.parseInt(name.substring(1)));
		}
		throw new IllegalArgumentException("No variant '" + variant
				+ "'; after '@' comes the number of carriers of event loops or, with --baseline, 'baseline'");
	}

}
