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

/**
 * The tables: {@code item} to look up, TechEmpower's {@code world} and {@code fortune},
 * {@code soak} to write to.
 */
final class Schema {

	private Schema() {
	}

	static String create(String schema, String slowSchema) {
		return """
				drop schema if exists %2$s, %1$s cascade;
				create schema %1$s;
				create schema %2$s;
				create table %1$s.item (id integer primary key, name text not null, price integer not null);
				insert into %1$s.item select i, 'item ' || i, i %% 1000 from generate_series(1, %3$d) i;
				create table %1$s.world (id integer primary key, randomnumber integer not null);
				insert into %1$s.world select i, 1 + floor(random() * %3$d) from generate_series(1, %3$d) i;
				create table %1$s.fortune (id integer primary key, message text not null);
				insert into %1$s.fortune values
					(1, 'fortune: No such file or directory'),
					(2, 'A computer scientist is someone who fixes things that aren''t broken.'),
					(3, 'After enough decimal places, nobody gives a damn.'),
					(4, 'A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1'),
					(5, 'A computer program does what you tell it to do, not what you want it to do.'),
					(6, 'Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen'),
					(7, 'Any program that runs right is obsolete.'),
					(8, 'A list is only as strong as its weakest link. — Donald Knuth'),
					(9, 'Feature: A bug with seniority.'),
					(10, 'Computers make very fast, very accurate mistakes.'),
					(11, '<script>alert("This should not be displayed in a browser alert box.");</script>'),
					(12, 'フレームワークのベンチマーク');
				create table %1$s.soak (operation bigint not null, row integer not null);
				create index on %1$s.soak (operation);
				analyze %1$s.item, %1$s.world, %1$s.fortune;
				""".formatted(schema, slowSchema, Database.ROWS);
	}

	static String latency(String schema, String slowSchema, int millis) {
		return "create or replace view %2$s.item as select i.* from %1$s.item i, pg_sleep(%3$d / 1000.0)"
			.formatted(schema, slowSchema, millis);
	}

}
