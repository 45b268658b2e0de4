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

package org.cooperativejdbc.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ThreadFactory;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.DriverSupports;
import org.cooperativejdbc.pool.CooperativePools;
import org.cooperativejdbc.pool.FleetBudget;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.pool.InstalledPools;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.pool.WarmUp;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.spring.BlockingHandlerConfigurer;
import org.cooperativejdbc.spring.DataSourcesInUse;
import org.cooperativejdbc.spring.EventLoopGuard;
import org.cooperativejdbc.spring.OnEventLoop;
import org.cooperativejdbc.spring.PoolDrain;
import org.cooperativejdbc.spring.PoolWarmUp;
import org.cooperativejdbc.spring.RequestDeadlineWebFilter;
import org.cooperativejdbc.spring.ShareKeys;
import org.cooperativejdbc.spring.StartupLogger;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.web.context.reactive.ReactiveWebApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Role;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.web.reactive.config.WebFluxConfigurer;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for cooperative database access.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = DataSourceAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.enabled", matchIfMissing = true)
@EnableConfigurationProperties(CooperativeJdbcProperties.class)
@Import(CooperativeJdbcRegistrar.class)
public final class CooperativeJdbcAutoConfiguration {

	@Bean
	static LazyInitializationExcludeFilter cooperativeJdbcLazyInitializationExcludeFilter() {
		return LazyInitializationExcludeFilter.forBeanTypes(StartupLogger.class, EventLoops.class,
				CooperativeJdbcProperties.class);
	}

	@Bean
	StartupLogger cooperativeJdbcStartupLogger(CooperativeJdbc cooperativeJdbc, ObjectProvider<EventLoops> eventLoops,
			CooperativeJdbcProperties properties, ObjectProvider<CooperativeSockets> sockets) {
		boolean ineffective = properties.getReadOnly().isChanged() && sockets.getIfAvailable() == null;
		return new StartupLogger(cooperativeJdbc, eventLoops,
				ineffective ? new Finding("read-only",
						"cooperative.jdbc.read-only is set, and the model is " + cooperativeJdbc.model(),
						"no pool is made cooperative, so the property has no effect",
						"Set cooperative.jdbc.model to virtual or event-loop, or remove the property") : null);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(HikariDataSource.class)
	@Conditional(OnCooperativePoolsCondition.class)
	@ImportRuntimeHints({ CooperativeSocketFactoryRuntimeHints.class, ReadOnlyTransactionRuntimeHints.class })
	static class HikariConfiguration {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static HikariDataSourceBeanPostProcessor cooperativeJdbcHikariDataSourceBeanPostProcessor(
				ObjectProvider<PoolInstaller> installer) {
			return new HikariDataSourceBeanPostProcessor(installer);
		}

		@Bean
		PoolInstaller cooperativeJdbcPoolInstaller(CooperativeJdbc cooperativeJdbc,
				CooperativeJdbcProperties properties, DriverSupports drivers, CooperativeSockets sockets,
				EventLoopGuard eventLoopGuard, ObjectProvider<HoldTimes> holdTimes, ShareKeys shareKeys,
				ManagedPools pools, InstalledPools installed, Environment environment, BeanFactory beanFactory) {
			return new PoolInstaller(cooperativeJdbc, properties, drivers, sockets, eventLoopGuard, holdTimes,
					shareKeys, pools, installed, environment, beanFactory);
		}

		@Bean
		ShareKeys cooperativeJdbcShareKeys(ListableBeanFactory beanFactory) {
			return new ShareKeys(beanFactory);
		}

		@Bean
		DriverSupports cooperativeJdbcDriverSupports(ObjectProvider<DriverSupport> drivers,
				ConfigurableListableBeanFactory beanFactory) {
			return DriverSupports.load(drivers.orderedStream().toList(), beanFactory.getBeanClassLoader());
		}

		/**
		 * Exists when somebody has asked for it, which tells what pools the application
		 * creates itself.
		 */
		@Bean
		@Lazy
		CooperativePools cooperativeJdbcPools(PoolInstaller installer) {
			return new CheckedPools((name, config) -> installer.install(name, config, false));
		}

		@Bean
		static LazyInitializationExcludeFilter cooperativeJdbcPoolDrainLazyInitializationExcludeFilter() {
			return LazyInitializationExcludeFilter.forBeanTypes(PoolDrain.class, ShareKeys.class);
		}

		@Bean
		PoolDrain cooperativeJdbcPoolDrain(InstalledPools installed) {
			return new PoolDrain(installed::all);
		}

		@Bean
		InstalledPools cooperativeJdbcInstalledPools() {
			return new InstalledPools();
		}

		@Bean
		ManagedPools cooperativeJdbcManagedPools() {
			return new ManagedPools();
		}

		@Bean
		FleetBudget cooperativeJdbcFleetBudget(CooperativeJdbcProperties properties, ManagedPools pools) {
			Integer instances = properties.getPool().getInstances();
			return new FleetBudget(pools, (instances != null) ? instances : 1, properties.getPool().getSurge());
		}

		@Bean
		@ConditionalOnBooleanProperty(name = "cooperative.jdbc.pool.warm-up", matchIfMissing = true)
		PoolWarmUp cooperativeJdbcPoolWarmUp(CooperativeJdbc cooperativeJdbc, CooperativeJdbcProperties properties,
				ManagedPools pools, ObjectProvider<EventLoops> eventLoops) {
			EventLoops loops = eventLoops.getIfAvailable();
			ThreadFactory threads = (loops != null) ? loops.threadFactory("cooperative-jdbc-warm-up-")
					: Thread.ofVirtual().name("cooperative-jdbc-warm-up-", 1).factory();
			Integer instances = properties.isTuning() ? properties.getPool().atMost() : null;
			return new PoolWarmUp(cooperativeJdbc, pools,
					new WarmUp(threads, (instances != null) ? OptionalInt.of(instances) : OptionalInt.empty()));
		}

		@Bean
		EventLoopGuard cooperativeJdbcEventLoopGuard(CooperativeJdbcProperties properties,
				ApplicationContext applicationContext) {
			OnEventLoop onEventLoop = properties.getOnEventLoop();
			return new EventLoopGuard(
					(onEventLoop != null) ? onEventLoop : (applicationContext instanceof ReactiveWebApplicationContext)
							? OnEventLoop.FAIL : OnEventLoop.WARN);
		}

		@Bean
		DataSourcesInUse cooperativeJdbcDataSourcesInUse(ConfigurableListableBeanFactory beanFactory,
				CooperativeJdbc cooperativeJdbc, ManagedPools pools, DriverSupports drivers,
				CooperativeJdbcProperties properties) {
			return new DataSourcesInUse(beanFactory, cooperativeJdbc, pools, drivers, (finding) -> {
				if (properties.isRequired()) {
					throw new UncooperativeDataSourceException(finding);
				}
				cooperativeJdbc.found(finding);
			});
		}

		@Bean
		CooperativeSockets cooperativeSockets(CooperativeJdbc cooperativeJdbc,
				ObjectProvider<WaitStrategy> waitStrategy, EventLoopGuard eventLoopGuard,
				CooperativeJdbcProperties properties) {
			WaitStrategy strategy = (cooperativeJdbc.model() == ConcurrencyModel.EVENT_LOOP) ? waitStrategy.getObject()
					: null;
			return new CooperativeSockets(strategy, eventLoopGuard, properties.getInterrupt(),
					properties.getCancelGrace(), properties.getReadOnly().getCommit(),
					properties.getReadOnly().getBegin());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebFluxConfigurer.class)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	static class WebFluxConfiguration {

		/**
		 * After Spring Boot's configurer, which selects the executor, and before those of
		 * the user.
		 */
		@Bean
		@Order(1)
		WebFluxConfigurer cooperativeJdbcWebFluxConfigurer(
				@Qualifier("applicationTaskExecutor") ObjectProvider<AsyncTaskExecutor> executor,
				CooperativeJdbc cooperativeJdbc, CooperativeJdbcProperties properties,
				ObjectProvider<RequestDeadlineWebFilter> deadlines) {
			Duration timeout = (deadlines.getIfAvailable() != null) ? properties.getRequestTimeout() : null;
			return new BlockingHandlerConfigurer(executor, timeout, cooperativeJdbc.model() != ConcurrencyModel.PLATFORM
					&& properties.getInterrupt() == InterruptPolicy.CANCEL);
		}

	}

	static class CooperativeSocketFactoryRuntimeHints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.reflection()
				.registerConstructor(CooperativeSocketFactory.class.getConstructors()[0], ExecutableMode.INVOKE)
				// HikariCP copies its settings field by field
				.registerType(HikariConfig.class, MemberCategory.ACCESS_DECLARED_FIELDS)
				.registerTypeIfPresent(classLoader, "org.cooperativejdbc.driver.CancellingDriver",
						MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS)
				.registerTypeIfPresent(classLoader, "org.cooperativejdbc.driver.MariadbSocketFactory",
						MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS)
				.registerTypeIfPresent(classLoader, "org.cooperativejdbc.driver.MysqlSocketFactory",
						MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS);
		}

	}

	/**
	 * What is looked into of pgjdbc.
	 */
	static class ReadOnlyTransactionRuntimeHints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.proxies().registerJdkProxy(TypeReference.of("org.postgresql.core.QueryExecutor"));
			hints.reflection()
				.registerTypeIfPresent(classLoader, "org.postgresql.Driver", MemberCategory.INVOKE_DECLARED_METHODS)
				.registerTypeIfPresent(classLoader, "org.postgresql.core.QueryExecutorBase",
						MemberCategory.ACCESS_DECLARED_FIELDS)
				.registerTypeIfPresent(classLoader, "org.postgresql.core.v3.QueryExecutorImpl",
						MemberCategory.ACCESS_DECLARED_FIELDS, MemberCategory.INVOKE_DECLARED_METHODS)
				.registerTypeIfPresent(classLoader, "org.postgresql.core.v3.ExecuteRequest",
						MemberCategory.INVOKE_DECLARED_CONSTRUCTORS);
			for (String name : List.of("org.postgresql.core.v3.Portal", "org.postgresql.core.v3.SimpleParameterList",
					"org.postgresql.core.v3.SimpleQuery", "org.postgresql.jdbc.ResourceLock")) {
				hints.reflection().registerTypeIfPresent(classLoader, name);
			}
		}

	}

}
