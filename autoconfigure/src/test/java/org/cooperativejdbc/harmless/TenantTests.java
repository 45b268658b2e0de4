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

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.CooperativePools;
import org.hibernate.cfg.MultiTenancySettings;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.hibernate.engine.jdbc.connections.spi.AbstractDataSourceBasedMultiTenantConnectionProviderImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * A database per tenant: Hibernate asks a provider of the application for connections,
 * which has a pool for each tenant that is no bean.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class TenantTests {

	private static final int SIZE = 10;

	/**
	 * All connections of a tenant at once, which are more than the default pool has, and
	 * at the same time all those of another one.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual, HAND_MADE", "true, virtual, HAND_MADE", "true, event-loop, HAND_MADE",
			"true, virtual, COOPERATIVE", "true, event-loop, COOPERATIVE" })
	void everyTenantHasThePoolOfItsOwn(boolean starter, String model, Pools pools) {
		try (ConfigurableApplicationContext context = start(starter, model, pools)) {
			Work work = context.getBean(Work.class);
			CyclicBarrier all = new CyclicBarrier(2 * SIZE);
			List<CompletableFuture<Integer>> a = inTenant(context, "a", SIZE, all);
			List<CompletableFuture<Integer>> b = inTenant(context, "b", SIZE, all);
			Trial.succeed(a);
			Trial.succeed(b);
			assertThat(work.select("a")).isOne();
			Tenants tenants = context.getBean(Tenants.class);
			assertThat(tenants.pools).containsOnlyKeys("a", "b").allSatisfy((tenant, pool) -> {
				if (pools == Pools.COOPERATIVE) {
					assertThat(pool).isInstanceOf(CooperativeDataSource.class);
				}
				assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
			});
		}
	}

	/**
	 * Every connection of a tenant is out, and others wait for them.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual, HAND_MADE", "true, virtual, HAND_MADE", "true, event-loop, HAND_MADE",
			"true, virtual, COOPERATIVE", "true, event-loop, COOPERATIVE" })
	void idleTenantIsServedWhileThePoolOfAnotherIsFull(boolean starter, String model, Pools pools) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model, pools,
				"cooperative.jdbc.admission.max-wait=4s")) {
			Work work = context.getBean(Work.class);
			CyclicBarrier full = new CyclicBarrier(SIZE + 1);
			CyclicBarrier end = new CyclicBarrier(SIZE + 1);
			List<CompletableFuture<Integer>> holding = Trial.inThreads(context, SIZE, () -> work.hold("a", full, end));
			Trial.await(full);
			List<CompletableFuture<Integer>> waiting = Trial.inThreads(context, SIZE, () -> work.select("a"));
			CyclicBarrier others = new CyclicBarrier(SIZE);
			Trial.succeed(inTenant(context, "b", SIZE, others));
			assertThat(holding).noneMatch(CompletableFuture::isDone);
			Trial.await(end);
			Trial.succeed(holding);
			for (CompletableFuture<Integer> each : waiting) {
				assertThat(each.get(Trial.TIMEOUT_SECONDS, TimeUnit.SECONDS)).isOne();
			}
		}
	}

	@Test
	void unknownPoolsOfTenantsAreFound() {
		try (ConfigurableApplicationContext context = start(true, "virtual", Pools.HAND_MADE)) {
			assertThat(context.getBean(CooperativeJdbc.class).findings())
				.filteredOn((finding) -> finding.id().equals("uncooperative-data-source"))
				.singleElement()
				.extracting(Finding::problem, Finding::remedy)
				.satisfiesExactly(
						(problem) -> assertThat(problem).asString()
							.contains("'entityManagerFactory' takes the connections of tenants from "
									+ Tenants.class.getName()),
						(remedy) -> assertThat(remedy).asString().contains(CooperativePools.class.getName()));
		}
	}

	@Test
	void unknownPoolsOfTenantsFailStartupWhereCooperativeOnesAreRequired(CapturedOutput output) {
		assertThatException()
			.isThrownBy(() -> start(true, "virtual", Pools.HAND_MADE, "cooperative.jdbc.required=true"));
		assertThat(output).contains("takes the connections of tenants from", "'cooperative.jdbc.required' is true",
				CooperativePools.class.getName());
	}

	@Test
	void cooperativePoolsOfTenantsAreWhatIsRequired() {
		try (ConfigurableApplicationContext context = start(true, "virtual", Pools.COOPERATIVE,
				"cooperative.jdbc.required=true")) {
			assertThat(context.getBean(Work.class).select("a")).isOne();
			assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::id)
				.doesNotContain("uncooperative-data-source");
		}
	}

	private static List<CompletableFuture<Integer>> inTenant(ConfigurableApplicationContext context, String tenant,
			int count, CyclicBarrier all) {
		Work work = context.getBean(Work.class);
		return Trial.inThreads(context, count, () -> work.hold(tenant, all, null));
	}

	private static ConfigurableApplicationContext start(boolean starter, String model, Pools pools,
			String... properties) {
		String[] all = new String[properties.length + 1];
		System.arraycopy(properties, 0, all, 0, properties.length);
		all[properties.length] = "spring.datasource.hikari.maximum-pool-size=2";
		return Trial.start(starter, model, List.of(Application.class, pools.configuration), all);
	}

	enum Pools {

		HAND_MADE(HandMade.class), COOPERATIVE(Cooperative.class);

		private final Class<?> configuration;

		Pools(Class<?> configuration) {
			this.configuration = configuration;
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Work work(EntityManagerFactory entityManagerFactory, PlatformTransactionManager transactionManager) {
			return new Work(SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory),
					new TransactionTemplate(transactionManager));
		}

		@Bean
		HibernatePropertiesCustomizer tenancy(Tenants tenants) {
			return (properties) -> {
				properties.put(MultiTenancySettings.MULTI_TENANT_CONNECTION_PROVIDER, tenants);
				properties.put(MultiTenancySettings.MULTI_TENANT_IDENTIFIER_RESOLVER, new CurrentTenant());
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HandMade {

		@Bean
		Tenants tenants(DataSource dataSource) {
			return new Tenants(dataSource, null);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Cooperative {

		@Bean
		Tenants tenants(DataSource dataSource, ObjectProvider<CooperativePools> pools) {
			return new Tenants(dataSource, pools.getIfAvailable());
		}

	}

	static class Tenants extends AbstractDataSourceBasedMultiTenantConnectionProviderImpl<String>
			implements DisposableBean {

		private final Map<String, HikariDataSource> pools = new ConcurrentHashMap<>();

		private final DataSource any;

		private final CooperativePools cooperativePools;

		Tenants(DataSource any, CooperativePools cooperativePools) {
			this.any = any;
			this.cooperativePools = cooperativePools;
		}

		@Override
		protected DataSource selectAnyDataSource() {
			return this.any;
		}

		@Override
		protected DataSource selectDataSource(String tenant) {
			return CurrentTenant.NONE.equals(tenant) ? this.any : this.pools.computeIfAbsent(tenant, this::create);
		}

		private HikariDataSource create(String tenant) {
			HikariDataSource pool = Trial.pool(SIZE);
			return (this.cooperativePools != null) ? this.cooperativePools.create(tenant, pool) : pool;
		}

		@Override
		public void destroy() {
			this.pools.values().forEach(HikariDataSource::close);
		}

	}

	static class CurrentTenant implements CurrentTenantIdentifierResolver<String> {

		static final String NONE = "none";

		private static final ThreadLocal<String> current = ThreadLocal.withInitial(() -> NONE);

		@Override
		public String resolveCurrentTenantIdentifier() {
			return current.get();
		}

		@Override
		public boolean validateExistingCurrentSessions() {
			return true;
		}

	}

	static class Work {

		private final EntityManager entityManager;

		private final TransactionTemplate template;

		Work(EntityManager entityManager, TransactionTemplate template) {
			this.entityManager = entityManager;
			this.template = template;
		}

		int select(String tenant) {
			return hold(tenant, null, null);
		}

		int hold(String tenant, CyclicBarrier all, CyclicBarrier end) {
			CurrentTenant.current.set(tenant);
			try {
				return this.template.execute((status) -> {
					Number selected = (Number) this.entityManager.createNativeQuery("select 1").getSingleResult();
					if (all != null) {
						Trial.await(all);
					}
					if (end != null) {
						Trial.await(end);
					}
					return selected.intValue();
				});
			}
			finally {
				CurrentTenant.current.remove();
			}
		}

	}

}
