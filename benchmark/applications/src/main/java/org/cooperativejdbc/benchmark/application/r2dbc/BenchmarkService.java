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

package org.cooperativejdbc.benchmark.application.r2dbc;

import org.cooperativejdbc.benchmark.application.RandomIds;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The transactions, one for each request.
 */
@Service
class BenchmarkService {

	private final ItemRepository items;

	private final WorldRepository worlds;

	private final FortuneRepository fortunes;

	BenchmarkService(ItemRepository items, WorldRepository worlds, FortuneRepository fortunes) {
		this.items = items;
		this.worlds = worlds;
		this.fortunes = fortunes;
	}

	@Transactional(readOnly = true)
	Mono<Item> lookup(int id) {
		return this.items.findById(id);
	}

	@Transactional(readOnly = true)
	Flux<World> queries(int count) {
		return Flux.fromIterable(RandomIds.distinct(count)).concatMap(this.worlds::findById);
	}

	@Transactional(readOnly = true)
	Flux<Fortune> fortunes() {
		return this.fortunes.findAll();
	}

	@Transactional
	Flux<World> updates(int count) {
		return Flux.fromIterable(RandomIds.distinct(count))
			.concatMap(this.worlds::findById)
			.map(World::changed)
			.concatMap(this.worlds::save);
	}

}
