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

package org.cooperativejdbc;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.reactor.ReactorCalls;
import org.cooperativejdbc.test.Database;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What the documentation shows of the doors, run. The text between two tags is that of
 * the page.
 */
@Timeout(60)
class ProgrammingTests {

	private static final Path SOURCE = Path.of("src", "test", "java", "org", "cooperativejdbc",
			"ProgrammingTests.java");

	/**
	 * Runs what needs Spring.
	 */
	private static final Path SPRING_SOURCE = Path.of("..", "autoconfigure", "src", "test", "java", "org",
			"cooperativejdbc", "spring", "SpringProgrammingTests.java");

	private static final List<Path> PAGES = List.of(Path.of("..", "docs", "programming.md"),
			Path.of("..", "docs", "reactive.md"));

	private static final Database database = Database.POSTGRESQL;

	private final HikariConfig config = new HikariConfig();

	private final Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults());

	private HikariDataSource pool = new HikariDataSource();

	@BeforeEach
	void createPool() {
		this.config.setJdbcUrl(database.url());
		this.config.setUsername(database.username());
		this.config.setPassword(database.password());
		this.config.setMaximumPoolSize(4);
		this.pool = this.cooperative.pool(this.config);
	}

	@AfterEach
	void close() {
		this.cooperative.close();
	}

	@Test
	void start() throws Exception {
		HikariConfig config = this.config;
		// tag::start[]
		CooperativeOptions options = CooperativeOptions.defaults();
		try (Cooperative cooperative = Cooperative.start(options)) {
			HikariDataSource pool = cooperative.pool(config);
			try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
				statement.execute("select pg_sleep(0.1)");
			}
		}
		// end::start[]
	}

	@Test
	void options() {
		// tag::options[]
		CooperativeOptions options = CooperativeOptions.defaults()
			.withModel(ConcurrencyModel.EVENT_LOOP)
			.withThreads(2)
			.withInterruptPolicy(InterruptPolicy.CANCEL);
		// end::options[]
		Cooperative.start(options).close();
	}

	@Test
	void driver() throws SQLException {
		Cooperative cooperative = this.cooperative;
		String url = database.url();
		String user = database.username();
		String password = database.password();
		// tag::driver[]
		Properties properties = cooperative.driverProperties("org.postgresql.Driver");
		properties.setProperty("user", user);
		properties.setProperty("password", password);
		Connection connection = DriverManager.getConnection(url, properties);
		// end::driver[]
		assertThat(database.session(connection)).isPositive();
		connection.close();
	}

	@Test
	void call() throws Exception {
		Cooperative cooperative = this.cooperative;
		// tag::call[]
		CompletableFuture<Integer> one = cooperative.call(() -> query("select 1"));
		CompletableFuture<Integer> two = cooperative.call(() -> query("select 2"));
		int sum = one.thenCombine(two, Integer::sum).get();
		// end::call[]
		assertThat(sum).isEqualTo(3);
		// tag::cancel[]
		CompletableFuture<Integer> slow = cooperative.call(() -> query("select 1 from pg_sleep(60)"));
		slow.cancel(true);
		// end::cancel[]
		assertThat(slow).isCancelled();
	}

	@Test
	void within() {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> {
			// tag::within[]
			int answer = Cooperative.within(Duration.ofMillis(200), () -> {
				int question = query("select 6 * 7");
				return question + query("select 1 from pg_sleep(60)");
			});
			// end::within[]
			assertThat(answer).isZero();
		}).satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("57014"));
	}

	@Test
	void await() throws Exception {
		CompletableFuture<String> stage = CompletableFuture.supplyAsync(() -> "stage");
		Mono<String> mono = Mono.just("mono");
		// tag::await[]
		String one = Cooperative.await(stage, Duration.ofSeconds(5));
		String other = Cooperative.await(mono, Duration.ofSeconds(5));
		// end::await[]
		assertThat(one).isEqualTo("stage");
		assertThat(other).isEqualTo("mono");
	}

	@Test
	void awaitReady() throws Exception {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				SocketChannel channel = SocketChannel.open(server.getLocalSocketAddress());
				Socket peer = server.accept()) {
			channel.configureBlocking(false);
			CompletableFuture<String> answer = this.cooperative.call(() -> ask(channel, "time?"));
			assertThat(
					new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8)).readLine())
				.isEqualTo("time?");
			peer.getOutputStream().write("noon\n".getBytes(StandardCharsets.UTF_8));
			assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("noon");
		}
	}

	// tag::ready[]
	String ask(SocketChannel channel, String question) throws IOException, InterruptedException {
		ByteBuffer buffer = StandardCharsets.UTF_8.encode(question + "\n");
		while (buffer.hasRemaining()) {
			if (channel.write(buffer) == 0) {
				Cooperative.awaitReady(channel, SelectionKey.OP_WRITE, Duration.ofSeconds(5));
			}
		}
		StringBuilder answer = new StringBuilder();
		for (ByteBuffer one = ByteBuffer.allocate(1); answer.indexOf("\n") < 0; one.clear()) {
			switch (channel.read(one)) {
				case 0 -> Cooperative.awaitReady(channel, SelectionKey.OP_READ, Duration.ofSeconds(5));
				case 1 -> answer.append((char) one.get(0));
				default -> throw new EOFException(answer.toString());
			}
		}
		return answer.toString().strip();
	}
	// end::ready[]

	@Test
	void executor() throws Exception {
		Cooperative cooperative = this.cooperative;
		// tag::executor[]
		try (ExecutorService executor = cooperative.executor(8, 100)) {
			Future<Integer> answer = executor.submit(() -> query("select 42"));
			System.out.println(answer.get());
		}
		// end::executor[]
	}

	@Test
	void parallel() throws Exception {
		Cooperative cooperative = this.cooperative;
		CyclicBarrier allHaveConnections = new CyclicBarrier(3);
		Repository customers = new Repository("customer", allHaveConnections);
		Repository orders = new Repository("orders of", allHaveConnections);
		Repository invoices = new Repository("invoices of", allHaveConnections);
		long id = 7;
		try (ExecutorService executor = cooperative.executor(3, 30)) {
			// tag::parallel[]
			List<Callable<String>> questions = List.of(() -> customers.find(id), () -> orders.find(id),
					() -> invoices.find(id));
			List<String> answers = new ArrayList<>();
			for (Future<String> answer : executor.invokeAll(questions, 5, TimeUnit.SECONDS)) {
				answers.add(answer.get());
			}
			// end::parallel[]
			assertThat(answers).containsExactly("customer 7", "orders of 7", "invoices of 7");
		}
	}

	@Test
	void offload() throws Exception {
		Cooperative cooperative = this.cooperative;
		// tag::offload[]
		CompletableFuture<String> host = cooperative.call(() -> {
			int answer = query("select 42");
			String name = cooperative.offload(() -> InetAddress.getLocalHost().getHostName());
			return name + " " + answer;
		});
		// end::offload[]
		assertThat(host.get(20, TimeUnit.SECONDS)).endsWith(" 42");
	}

	@Test
	void reactor() {
		Cooperative cooperative = this.cooperative;
		HikariDataSource pool = this.pool;
		// tag::mono[]
		ReactorCalls calls = new ReactorCalls(cooperative);
		Mono<Integer> answer = calls.fromCallable(() -> query("select 42"));
		// end::mono[]
		assertThat(answer.block()).isEqualTo(42);
		// tag::flux[]
		Flux<Integer> numbers = calls.create((rows) -> {
			try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
				connection.setAutoCommit(false);
				statement.setFetchSize(100);
				ResultSet result = statement.executeQuery("select generate_series(1, 1000000)");
				while (result.next()) {
					rows.next(result.getInt(1));
				}
			}
		});
		Mono<List<Integer>> first = numbers.take(3).collectList();
		// end::flux[]
		assertThat(first.block()).containsExactly(1, 2, 3);
	}

	private int query(String sql) throws SQLException {
		try (Connection connection = this.pool.getConnection();
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getInt(1);
		}
	}

	@Test
	void pagesShowWhatIsRunHere() throws IOException {
		Pattern tags = Pattern.compile("(?s)// tag::(\\w+)\\[]\n(.*?)\n\\s*// end::\\1\\[]");
		Map<String, String> snippets = find(tags, SOURCE);
		snippets.putAll(find(tags, ScopedValueTests.SOURCE));
		snippets.putAll(find(tags, SPRING_SOURCE));
		Map<String, String> shown = new LinkedHashMap<>();
		int blocks = 0;
		for (Path page : PAGES) {
			shown.putAll(find(Pattern.compile("(?s)<!-- (\\w+) -->\n```java\n(.*?)\n```"), page));
			blocks += Files.readString(page).split("```java", -1).length - 1;
		}
		assertThat(shown).containsExactlyInAnyOrderEntriesOf(snippets);
		assertThat(blocks).isEqualTo(snippets.size());
	}

	private static Map<String, String> find(Pattern pattern, Path file) throws IOException {
		Map<String, String> found = new LinkedHashMap<>();
		Matcher matcher = pattern.matcher(Files.readString(file));
		while (matcher.find()) {
			List<String> lines = matcher.group(2).lines().map((line) -> line.replace("\t", "    ")).toList();
			found.put(matcher.group(1), String.join("\n", lines).stripIndent().strip());
		}
		return found;
	}

	/**
	 * Nobody goes on before all have a connection.
	 */
	private final class Repository {

		private final String name;

		private final CyclicBarrier allHaveConnections;

		Repository(String name, CyclicBarrier allHaveConnections) {
			this.name = name;
			this.allHaveConnections = allHaveConnections;
		}

		String find(long id) throws Exception {
			try (Connection connection = ProgrammingTests.this.pool.getConnection();
					Statement statement = connection.createStatement()) {
				this.allHaveConnections.await();
				try (ResultSet result = statement.executeQuery("select " + id)) {
					result.next();
					return this.name + " " + result.getLong(1);
				}
			}
		}

	}

}
