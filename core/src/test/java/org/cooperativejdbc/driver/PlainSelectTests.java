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

package org.cooperativejdbc.driver;

import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PlainSelect}.
 */
class PlainSelectTests {

	@ParameterizedTest
	@ValueSource(strings = { "select 1", "SELECT id FROM item",
			"select i1_0.id,i1_0.name from item i1_0 where i1_0.id=$1", "/* a /* b */ c */ select -- d\n 1",
			"select count(*) from item where name like $1 escape ''", "select a.\"select\" from \"for\" a",
			"select lower(name), coalesce(x, 'a''b') from s.item order by 1 desc nulls last",
			"select cast(x as varchar(255)), cast($1 as double precision), x::text[] from item",
			"select date '2026-01-01', x at time zone 'UTC' from item where d between '2026-01-01' and '2026-02-01'",
			"select distinct on (a) a, sum(b) over (partition by (c) order by (d)) from item group by (a) having count(*) > 1",
			"select * from item where id in ($1, $2) and not exists (select 1 from other o where o.id = item.id)",
			"select case when (a) then (b) else (c) end from item limit 10 offset 5",
			"select t.* from item t where a->>'x' = 'y'", "select count(*) filter (where a) from item",
			"select a from item union (select b from other)",
			"select array_agg(x), array[1, 2], a[1], any_value from item where x = any($1)",
			"select substring(a, 1, 2), extract(year from b), trim(both from c) from item", "select .5, 1.5, -1, 2 * 3",
			"select a from item fetch first 5 rows only", "select \u00e4 from \u00f6" })
	void plain(String sql) {
		assertThat(PlainSelect.is(sql)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "values (1)", "table item", "with a as (select 1) select * from a", "(select 1)",
			"show work_mem", "insert into item select 1", "/* select */ delete from item", "selects from item",
			"select\u00e4 from item", "select 1 for update", "select * from item for no key update",
			"select * from item\nFOR\tSHARE", "select 1for update", "select $1for update", "select 'a'for update",
			"select * into other from item", "select * from (with a as (delete from item) select 1) b", "select now()",
			"select current_timestamp", "select localtime", "select 'now'::timestamp", "select timestamp 'Tomorrow'",
			"select current_user", "select user", "select nextval('numbers')", "select set_config('a', 'b', true)",
			"select pg_advisory_xact_lock(1)", "select writes()", "select s.lower(a)", "select \"lower\"(a) from item",
			"select lower /* c */ . x (a)", "select writes /* comment */ -- more\n (1)", "select ran\u212a(a)",
			"select * from generate_series(1, 9)", "select a operator(s.+) b", "select a ### b from item",
			"select a @@ b from item", "select a::mine", "select a::text.mine", "select a::\"text\"",
			"select cast(a as mine)", "select cast((select 1 as x) as mine)", "select mine 'a'", "select \"mine\" 'a'",
			"select s.text 'a'", "select e'a'", "select E'a\\'b'", "select u&'a'", "select b'1'", "select 'a\\'",
			"select $$a$$", "select $a$b$a$", "select 1; select 2", "select 1;", "select 'a", "select \"a", "select (1",
			"select 1)", "select 1 /* a", "select cast(a as", "select a::", "select over(a)", "select filter(a)",
			"select by(a)", "select * from pg_locks", "select * from \"pg_locks\"", "select * from pg_catalog.pg_locks",
			"select * from information_schema.tables", "select * from item tablesample system (10)",
			"select * from item v(a)", "select text(a) from item", "select interval(a)", "select \"a\"\"b\"",
			"select 'a' \n 'b'", "select a[1:2]", "select a \u0000 b", "explain select 1", "execute one", "lock item",
			"select varying(a)", "select (a)(b)", "select join(a)", "select group(a)",
			"select a from item where $1 ? 'a'" })
	void notPlain(String sql) {
		assertThat(PlainSelect.is(sql)).isFalse();
	}

	/**
	 * Whatever is looked at ends with an answer.
	 */
	@Test
	void anyTextIsLookedAt() {
		SplittableRandom random = new SplittableRandom(1);
		String pieces = "select from 'a' \"b\" ( ) , . :: $1 1 -- /* */ \n as cast ; \\ ' \" $ * + \u00e4 = text now for ";
		for (int i = 0; i < 20_000; i++) {
			StringBuilder sql = new StringBuilder("select ");
			for (int j = random.nextInt(12); j >= 0; j--) {
				int start = random.nextInt(pieces.length());
				sql.append(pieces, start, Math.min(pieces.length(), start + random.nextInt(8)));
			}
			StatementText.of(sql.toString());
		}
	}

}
