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

package org.cooperativejdbc.benchmark.application.jpa;

import java.util.List;

import org.cooperativejdbc.benchmark.application.FortunePage;
import org.cooperativejdbc.benchmark.application.Hog;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Blocking handlers.
 */
@RestController
class BenchmarkController {

	private final BenchmarkService service;

	BenchmarkController(BenchmarkService service) {
		this.service = service;
	}

	@GetMapping("/lookup/{id}")
	Item lookup(@PathVariable int id) {
		return this.service.lookup(id);
	}

	@GetMapping("/hogs/{id}")
	Item lookupAmongHogs(@PathVariable int id) {
		Hog.compute(id);
		return lookup(id);
	}

	@GetMapping("/queries")
	List<World> queries(@RequestParam int n) {
		return this.service.queries(n);
	}

	@GetMapping(path = "/fortunes", produces = "text/html;charset=UTF-8")
	String fortunes() {
		return FortunePage.render(this.service.fortunes()
			.stream()
			.map((fortune) -> new FortunePage.Row(fortune.getId(), fortune.getMessage()))
			.toList());
	}

	@GetMapping("/updates")
	List<World> updates(@RequestParam int n) {
		return this.service.updates(n);
	}

}
