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

package org.cooperativejdbc.harmless;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.internal.arjuna.objectstore.VolatileStore;
import com.arjuna.ats.jta.TransactionManager;
import com.arjuna.ats.jta.UserTransaction;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import com.zaxxer.hikari.HikariDataSource;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.TestDatabase;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jooq.impl.DataSourceConnectionProvider;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.hibernate.HibernateTransactionManager;
import org.springframework.orm.jpa.hibernate.LocalSessionFactoryBean;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.jta.JtaTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Ways to the database other than a transaction of JDBC or JPA. Nothing is wired for any
 * of them: a thread waits for a connection in the pool, and for an answer at the socket,
 * whatever is above.
 */
@ParameterizedClass
@CsvSource({ "false, virtual", "true, event-loop" })
class TransactionManagerTests {

	private static final int SIZE = 2;

	private static final int THREADS = 12;

	/**
	 * A statement on which nobody sets a timeout.
	 */
	private static final String SLOW = "select pg_sleep(20) is null, 'transaction manager'";

	private static ConfigurableApplicationContext context;

	private static HikariDataSource pool;

	@Parameter(0)
	private boolean starter;

	@Parameter(1)
	private String model;

	@BeforeParameterizedClassInvocation
	static void start(boolean starter, String model) {
		context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"cooperative.jdbc.on-event-loop=fail", "cooperative.jdbc.event-loop.threads=1",
					"spring.threads.virtual.enabled=true", "spring.datasource.hikari.maximum-pool-size=" + SIZE,
					"spring.datasource.hikari.data-source-properties.ApplicationName=transaction manager")
			.run();
		pool = context.getBean(HikariDataSource.class);
	}

	@AfterParameterizedClassInvocation
	static void close() {
		context.close();
	}

	/**
	 * One connection passes from one thread to the next, as the other one is held.
	 */
	@ParameterizedTest
	@EnumSource
	void moreThreadsThanConnectionsAreServedInTheOrderOfArrival(Kind kind) throws Exception {
		Work work = kind.work();
		List<CountDownLatch> goOn = List.of(new CountDownLatch(1), new CountDownLatch(1));
		List<CompletableFuture<Boolean>> holding = new ArrayList<>();
		for (CountDownLatch latch : goOn) {
			holding.add(submit(() -> work.query("select true", () -> join(latch))));
		}
		await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == SIZE);
		List<Integer> served = Collections.synchronizedList(new ArrayList<>());
		List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			int number = i;
			waiting.add(submit(() -> work.query("select true", () -> served.add(number))));
			await().until(() -> waitingThreads() == number + 1);
		}
		goOn.getFirst().countDown();
		for (CompletableFuture<Boolean> each : waiting) {
			assertThat(each.get(20, TimeUnit.SECONDS)).isTrue();
		}
		goOn.getLast().countDown();
		assertThat(holding).allSatisfy((each) -> assertThat(each.get(20, TimeUnit.SECONDS)).isTrue());
		if (this.starter) {
			assertThat(served).isEqualTo(IntStream.range(0, THREADS).boxed().toList());
		}
		assertNothingIsTaken();
	}

	@ParameterizedTest
	@EnumSource
	void deadlineCancelsTheStatementAndTheConnectionIsKept(Kind kind) {
		Work work = kind.work();
		assertThat(work.query("select true", () -> {
		})).isTrue();
		if (this.starter) {
			List<Integer> before = backends();
			assertThat(sqlState(outcome(submit(() -> work.within1s(SLOW))))).isEqualTo("57014");
			assertThat(active()).isZero();
			assertThat(backends()).containsAll(before);
		}
		else {
			assertThat(outcome(submit(() -> work.within1s("select pg_sleep(0.1) is not null")))).isNull();
		}
		assertThat(outcome(submit(() -> work.query("select true", () -> {
		})))).isNull();
		assertNothingIsTaken();
	}

	/**
	 * Without the starter the JDK closes the socket, and the statement goes on.
	 */
	@ParameterizedTest
	@EnumSource
	void interruptCancelsTheStatement(Kind kind) throws Exception {
		Work work = kind.work();
		CompletableFuture<Throwable> failure = new CompletableFuture<>();
		Future<?> task = executor().submit(() -> {
			failure.complete(catchThrowable(() -> work.query(SLOW, () -> {
			})));
		});
		await().until(() -> active() == 1);
		List<Integer> before = backends();
		task.cancel(true);
		assertThat(failure.get(20, TimeUnit.SECONDS)).isNotNull();
		if (this.starter) {
			assertThat(sqlState(failure.join())).isEqualTo("57014");
			assertThat(active()).isZero();
			assertThat(backends()).containsAll(before);
		}
		else {
			assertThat(active()).isOne();
			terminate();
		}
		assertThat(outcome(submit(() -> work.query("select true", () -> {
		})))).isNull();
		assertNothingIsTaken();
	}

	@ParameterizedTest
	@EnumSource
	void threadOfAnEventLoopIsRefusedBeforeItBorrows(Kind kind) throws Exception {
		Work work = kind.work();
		try (MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())) {
			CompletableFuture<Throwable> failure = new CompletableFuture<>();
			group.execute(() -> failure.complete(catchThrowable(() -> work.query("select true", () -> {
			}))));
			if (this.starter) {
				assertThat(failure.get(20, TimeUnit.SECONDS)).rootCause()
					.isInstanceOf(BlockingOnEventLoopException.class);
			}
			else {
				assertThat(failure.get(20, TimeUnit.SECONDS)).isNull();
			}
		}
		assertNothingIsTaken();
	}

	private int waitingThreads() {
		return (pool instanceof CooperativeDataSource cooperative) ? cooperative.getThreadsInQueue()
				: pool.getHikariPoolMXBean().getThreadsAwaitingConnection();
	}

	private void assertNothingIsTaken() {
		await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
		if (this.starter) {
			assertThat(pool).isInstanceOfSatisfying(CooperativeDataSource.class,
					(cooperative) -> assertThat(cooperative.getPlacesTaken()).isZero());
		}
	}

	private static int active() {
		try {
			return ActiveBackends.count("%pg_sleep(20)%transaction manager%");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return the process ids of the connections that are open.
	 */
	private static List<Integer> backends() {
		List<Integer> backends = new ArrayList<>();
		try (Connection connection = TestDatabase.instance().connect();
				Statement statement = connection.createStatement();
				ResultSet result = statement
					.executeQuery("select pid from pg_stat_activity where application_name = 'transaction manager'")) {
			while (result.next()) {
				backends.add(result.getInt(1));
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		return backends;
	}

	private static void terminate() throws SQLException {
		try (Connection connection = TestDatabase.instance().connect();
				Statement statement = connection.createStatement()) {
			statement.execute("select pg_terminate_backend(pid, 10000) from pg_stat_activity "
					+ "where query like '%pg_sleep(20)%transaction manager%' and pid <> pg_backend_pid()");
		}
	}

	private static String sqlState(Throwable failure) {
		for (Throwable ex = failure; ex != null; ex = ex.getCause()) {
			if (ex instanceof SQLException sqlException && sqlException.getSQLState() != null) {
				return sqlException.getSQLState();
			}
		}
		return "none in " + failure;
	}

	private static AsyncTaskExecutor executor() {
		return context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
	}

	private static <T> CompletableFuture<T> submit(Supplier<T> task) {
		return executor().submitCompletable(task::get);
	}

	private static Throwable outcome(CompletableFuture<?> future) {
		Throwable failure = catchThrowable(() -> future.get(60, TimeUnit.SECONDS));
		return (failure != null) ? failure.getCause() : null;
	}

	private static void join(CountDownLatch latch) {
		try {
			assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	enum Kind {

		JDBC_TEMPLATE(JdbcTemplateWork.class), HIBERNATE(HibernateWork.class), JOOQ(JooqWork.class),
		JOOQ_TRANSACTION(JooqTransactionWork.class), JTA(JtaWork.class);

		private final Class<? extends Work> type;

		Kind(Class<? extends Work> type) {
			this.type = type;
		}

		private Work work() {
			return context.getBean(this.type);
		}

	}

	/**
	 * Uses the database in one of the ways.
	 */
	interface Work {

		/**
		 * Execute a query and then, with its connection, a task.
		 */
		boolean query(String sql, Runnable task);

		/**
		 * Execute a query that may take a second.
		 */
		boolean within1s(String sql);

		static boolean execute(Connection connection, String sql) throws SQLException {
			try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
				return result.next();
			}
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ JdbcTemplateWork.class, HibernateWork.class, JooqWork.class, JooqTransactionWork.class, JtaWork.class })
	static class Application {

		@Bean
		@Primary
		JdbcTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		LocalSessionFactoryBean entityManagerFactory(DataSource dataSource) {
			LocalSessionFactoryBean factory = new LocalSessionFactoryBean();
			factory.setDataSource(dataSource);
			return factory;
		}

		@Bean
		HibernateTransactionManager hibernate(SessionFactory sessionFactory) {
			return new HibernateTransactionManager(sessionFactory);
		}

		/**
		 * With the connections of Spring's transactions, as Spring Boot configures it.
		 */
		@Bean
		DSLContext dsl(DataSource dataSource) {
			return DSL.using(new DataSourceConnectionProvider(new TransactionAwareDataSourceProxy(dataSource)),
					SQLDialect.POSTGRES);
		}

		/**
		 * The pool knows nothing of JTA: Spring keeps the connection until the
		 * transaction ends. There is nothing to recover either, so no log on disk.
		 */
		@Bean
		JtaTransactionManager jta() {
			Stream
				.of(BeanPopulator.getDefaultInstance(ObjectStoreEnvironmentBean.class),
						BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, "communicationStore"))
				.forEach((store) -> store.setObjectStoreType(VolatileStore.class.getName()));
			return new JtaTransactionManager(UserTransaction.userTransaction(),
					TransactionManager.transactionManager());
		}

	}

	/**
	 * No transaction, and so no timeout that Spring would know.
	 */
	static class JdbcTemplateWork implements Work {

		private final JdbcTemplate jdbc;

		JdbcTemplateWork(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		public boolean query(String sql, Runnable task) {
			return Boolean.TRUE.equals(this.jdbc.execute((ConnectionCallback<Boolean>) (connection) -> {
				boolean found = Work.execute(connection, sql);
				task.run();
				return found;
			}));
		}

		@Override
		public boolean within1s(String sql) {
			try (Deadline.Scope scope = Deadline.after(Duration.ofSeconds(1)).enter()) {
				return query(sql, () -> {
				});
			}
		}

	}

	/**
	 * JDBC in {@link Session#doWork}.
	 */
	static class HibernateWork implements Work {

		private final SessionFactory sessionFactory;

		HibernateWork(SessionFactory sessionFactory) {
			this.sessionFactory = sessionFactory;
		}

		@Override
		@Transactional("hibernate")
		public boolean query(String sql, Runnable task) {
			boolean found = execute(sql);
			task.run();
			return found;
		}

		@Override
		@Transactional(transactionManager = "hibernate", timeout = 1)
		public boolean within1s(String sql) {
			return execute(sql);
		}

		private boolean execute(String sql) {
			return this.sessionFactory.getCurrentSession()
				.doReturningWork((connection) -> Work.execute(connection, sql));
		}

	}

	/**
	 * jOOQ in transactions of Spring.
	 */
	static class JooqWork implements Work {

		private final DSLContext dsl;

		JooqWork(DSLContext dsl) {
			this.dsl = dsl;
		}

		@Override
		@Transactional
		public boolean query(String sql, Runnable task) {
			boolean found = this.dsl.resultQuery(sql).fetch().isNotEmpty();
			task.run();
			return found;
		}

		@Override
		@Transactional(timeout = 1)
		public boolean within1s(String sql) {
			return this.dsl.resultQuery(sql).fetch().isNotEmpty();
		}

	}

	/**
	 * Transactions of jOOQ's own, which have no timeout.
	 */
	static class JooqTransactionWork implements Work {

		private final DSLContext dsl;

		JooqTransactionWork(DSLContext dsl) {
			this.dsl = dsl;
		}

		@Override
		public boolean query(String sql, Runnable task) {
			return this.dsl.transactionResult((configuration) -> {
				boolean found = configuration.dsl().resultQuery(sql).fetch().isNotEmpty();
				task.run();
				return found;
			});
		}

		@Override
		public boolean within1s(String sql) {
			try (Deadline.Scope scope = Deadline.after(Duration.ofSeconds(1)).enter()) {
				return query(sql, () -> {
				});
			}
		}

	}

	static class JtaWork implements Work {

		private final JdbcTemplate jdbc;

		JtaWork(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		@Transactional("jta")
		public boolean query(String sql, Runnable task) {
			boolean found = execute(sql);
			task.run();
			return found;
		}

		@Override
		@Transactional(transactionManager = "jta", timeout = 1)
		public boolean within1s(String sql) {
			return execute(sql);
		}

		private boolean execute(String sql) {
			return Boolean.TRUE
				.equals(this.jdbc.execute((ConnectionCallback<Boolean>) (connection) -> Work.execute(connection, sql)));
		}

	}

}
