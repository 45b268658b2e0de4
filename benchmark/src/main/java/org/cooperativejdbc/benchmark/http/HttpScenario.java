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

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.Scenario;
import org.cooperativejdbc.benchmark.Variant;
import org.jspecify.annotations.Nullable;

/**
 * Clients that send requests to an application with 32 connections, each as soon as it
 * has the last answer: one lookup, one among others that compute, or those of
 * TechEmpower. They come from wrk where it is installed, else from the same client as in
 * the other scenarios.
 */
public final class HttpScenario implements Scenario {

	private static final int POOL_SIZE = 32;

	@Override
	public List<Variant> variants() {
		return ApplicationVariant.all(POOL_SIZE, Wrk.isPresent());
	}

	@Override
	public @Nullable String notice() {
		return Wrk.isPresent() ? null : "No wrk on the PATH: the load comes from the HTTP client of Vert.x";
	}

	@Override
	public List<Cell> cells(String name, Options options) {
		List<Cell> cells = new ArrayList<>();
		for (Request request : Request.values()) {
			if (options.requests(request.toString())) {
				for (int latency : request.latency(options)) {
					for (int concurrency : options.concurrency(24, 128)) {
						cells.add(new Cell(name + "-" + request, request.path(), concurrency, latency));
					}
				}
			}
		}
		return cells;
	}

	@Override
	public String reference(String variant) {
		return ApplicationVariant.reference(variant);
	}

	@Override
	public String toString() {
		return "http";
	}

	private enum Request {

		LOOKUP("/lookup/{id}") {
			@Override
			List<Integer> latency(Options options) {
				return options.latency(0, 2);
			}
		},

		HOGS("/hogs/{id}") {
			@Override
			List<Integer> latency(Options options) {
				return options.latency(2);
			}
		},

		QUERIES("/queries?n=20"),

		FORTUNES("/fortunes"),

		UPDATES("/updates?n=20");

		private final String path;

		Request(String path) {
			this.path = path;
		}

		String path() {
			return this.path;
		}

		/**
		 * Return the milliseconds that the server takes for a lookup.
		 */
		List<Integer> latency(Options options) {
			return List.of(0);
		}

		@Override
		public String toString() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
