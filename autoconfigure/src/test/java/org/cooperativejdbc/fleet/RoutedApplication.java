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

package org.cooperativejdbc.fleet;

import java.util.Arrays;
import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.harmless.Trial;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.Transactional;

/**
 * An application whose read-only transactions have a pool of their own, perhaps on
 * another server.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
class RoutedApplication {

	static final int SIZE = 4;

	/**
	 * Start it with a pool of four connections for each URL.
	 */
	static ConfigurableApplicationContext start(boolean starter, String model, String writer, String reader,
			String... properties) {
		return Trial.start(starter, model, List.of(RoutedApplication.class), concat(properties, "writer.url=" + writer,
				"reader.url=" + reader, "cooperative.jdbc.cancel-grace=1s", "logging.level.com.zaxxer.hikari=off"));
	}

	private static String[] concat(String[] properties, String... more) {
		String[] all = Arrays.copyOf(more, more.length + properties.length);
		System.arraycopy(properties, 0, all, more.length, properties.length);
		return all;
	}

	@Bean
	HikariDataSource writer(Environment environment) {
		return pool(environment, "writer.url");
	}

	@Bean
	HikariDataSource reader(Environment environment) {
		return pool(environment, "reader.url");
	}

	private static HikariDataSource pool(Environment environment, String url) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(environment.getProperty(url));
		pool.setMaximumPoolSize(SIZE);
		pool.setConnectionTimeout(10_000);
		return pool;
	}

	@Bean
	@Primary
	LazyConnectionDataSourceProxy dataSource(HikariDataSource writer, HikariDataSource reader) {
		LazyConnectionDataSourceProxy dataSource = new LazyConnectionDataSourceProxy(writer);
		dataSource.setReadOnlyDataSource(reader);
		return dataSource;
	}

	@Bean
	JdbcTransactionManager transactionManager(DataSource dataSource) {
		return new JdbcTransactionManager(dataSource);
	}

	@Bean
	Items items(JdbcTemplate jdbc) {
		return new Items(jdbc);
	}

	/**
	 * What the application does, within three seconds.
	 */
	static class Items {

		private final JdbcTemplate jdbc;

		Items(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional(timeout = 3)
		void insert(int id) {
			this.jdbc.update("insert into item select ?::int from pg_sleep(0.02)", id);
		}

		@Transactional(timeout = 3, readOnly = true)
		boolean isThere(int id) {
			return !this.jdbc.queryForList("select id from item where id = ?", id).isEmpty();
		}

		@Transactional(timeout = 3, readOnly = true)
		void read(int number) {
			this.jdbc.queryForObject("select ?::int from pg_sleep(0.02)", Integer.class, number);
		}

		@Transactional(timeout = 3, readOnly = true)
		int port() {
			return this.jdbc.queryForObject("select inet_server_port()", Integer.class);
		}

		@Transactional(readOnly = true)
		void sleep() {
			this.jdbc.execute("select pg_sleep(31)");
		}

	}

}
