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

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import jakarta.servlet.Filter;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.ApplicationListener;
import org.springframework.context.Lifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.web.server.WebFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The arrows between the packages, and what Spring Boot's own build enforces on
 * auto-configurations.
 */
@AnalyzeClasses(packages = "org.cooperativejdbc",
		importOptions = { ImportOption.DoNotIncludeTests.class, ArchitectureTests.DoNotIncludeTestJars.class })
class ArchitectureTests {

	private static final String IMPORTS = "META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports";

	/**
	 * The class {@link Cooperative} is the door: what a program steps through is where it
	 * looks first, and so in the root package, which knows nothing else but words.
	 */
	@ArchTest
	void arrowsGoOneWay(JavaClasses classes) {
		DescribedPredicate<JavaClass> door = JavaClass.Predicates.belongToAnyOf(Cooperative.class);
		Architectures.layeredArchitecture()
			.consideringOnlyDependenciesInLayers()
			.layer("root")
			.definedBy(JavaClass.Predicates.resideInAPackage("org.cooperativejdbc").and(DescribedPredicate.not(door)))
			.layer("door")
			.definedBy(JavaClass.Predicates.resideInAPackage("org.cooperativejdbc.door..").or(door))
			.layer("jfr")
			.definedBy("org.cooperativejdbc.jfr..")
			.layer("reactor")
			.definedBy("org.cooperativejdbc.reactor..")
			.layer("socket")
			.definedBy("org.cooperativejdbc.socket..")
			.layer("carrier")
			.definedBy("org.cooperativejdbc.carrier..")
			.layer("driver")
			.definedBy("org.cooperativejdbc.driver..")
			.layer("pool")
			.definedBy("org.cooperativejdbc.pool..")
			.layer("junit")
			.definedBy("org.cooperativejdbc.junit..")
			.layer("spring")
			.definedBy("org.cooperativejdbc.spring..")
			.layer("autoconfigure")
			.definedBy("org.cooperativejdbc.autoconfigure..")
			.whereLayer("autoconfigure")
			.mayNotBeAccessedByAnyLayer()
			.whereLayer("spring")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("junit")
			.mayOnlyBeAccessedByLayers("spring")
			.whereLayer("reactor")
			.mayOnlyBeAccessedByLayers("autoconfigure", "spring")
			.whereLayer("door")
			.mayOnlyBeAccessedByLayers("autoconfigure", "spring", "reactor", "junit")
			.whereLayer("pool")
			.mayOnlyBeAccessedByLayers("autoconfigure", "spring", "door", "junit")
			.whereLayer("driver")
			.mayOnlyBeAccessedByLayers("autoconfigure", "spring", "door", "pool")
			.whereLayer("carrier")
			.mayOnlyBeAccessedByLayers("autoconfigure", "spring", "door", "junit")
			.whereLayer("jfr")
			.mayOnlyBeAccessedByLayers("pool", "carrier", "socket")
			.whereLayer("socket")
			.mayOnlyBeAccessedByLayers("autoconfigure", "spring", "door", "driver", "pool")
			.check(classes);
	}

	@ArchTest
	void packagesHaveNoCycles(JavaClasses classes) {
		SlicesRuleDefinition.slices().matching("org.cooperativejdbc.(**)").should().beFreeOfCycles().check(classes);
	}

	@ArchTest
	void coreKnowsNoSpring(JavaClasses classes) {
		ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackages("org.cooperativejdbc.autoconfigure..", "org.cooperativejdbc.spring..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework..")
			.check(classes);
	}

	/**
	 * A runtime without a compiler and other tools is enough, but for tests, and one
	 * without Flight Recorder is, too.
	 */
	@ArchTest
	void nothingNeedsMoreOfTheJdkThanJavaSe(JavaClasses classes) {
		ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackages("org.cooperativejdbc.jfr..", "org.cooperativejdbc.junit..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("com.sun..", "jdk..", "sun..")
			.check(classes);
	}

	/**
	 * An application has no test libraries.
	 */
	@ArchTest
	void onlyTestSupportKnowsTestLibraries(JavaClasses classes) {
		ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackages("org.cooperativejdbc.junit..", "org.cooperativejdbc.spring.junit..",
					"org.cooperativejdbc.spring.test..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.cooperativejdbc.junit..", "org.cooperativejdbc.spring.junit..",
					"org.cooperativejdbc.spring.test..", "io.zonky.test..", "org.junit..",
					"org.springframework.boot.testcontainers..", "org.springframework.test..", "org.testcontainers..")
			.check(classes);
	}

	@ArchTest
	void onlyTheNettyLoopsKnowNetty(JavaClasses classes) {
		ArchRuleDefinition.noClasses()
			.that()
			.haveNameNotMatching(".*Netty.*")
			.and()
			.resideOutsideOfPackage("org.cooperativejdbc.autoconfigure..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.netty..", "reactor.netty..")
			.check(classes);
	}

	@ArchTest
	void onlyThePackageDriverKnowsDrivers(JavaClasses classes) {
		ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackage("org.cooperativejdbc.driver..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.postgresql..", "org.mariadb..", "com.mysql..", "com.microsoft.sqlserver..")
			.check(classes);
	}

	@ArchTest
	void onlyThePackageDriverKnowsOtherClients(JavaClasses classes) {
		ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackages("org.cooperativejdbc.driver..", "org.cooperativejdbc.autoconfigure..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.apache.hc..", "redis.clients..")
			.check(classes);
	}

	@ArchTest
	void autoConfigurationsArePublicAndFinalWithoutPublicMembers(JavaClasses classes) {
		ArchRuleDefinition.classes()
			.that()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.bePublic()
			.andShould()
			.haveModifier(JavaModifier.FINAL)
			.andShould()
			.haveSimpleNameEndingWith("AutoConfiguration")
			.andShould(haveNoPublicMembers())
			.check(classes);
	}

	@ArchTest
	void autoConfigureOnlyWires(JavaClasses classes) {
		ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage("org.cooperativejdbc.autoconfigure..")
			.should()
			.beAssignableTo(ApplicationListener.class)
			.orShould()
			.beAssignableTo(TransactionExecutionListener.class)
			.orShould()
			.beAssignableTo(Filter.class)
			.orShould()
			.beAssignableTo(WebFilter.class)
			.orShould()
			.beAssignableTo(Lifecycle.class)
			.orShould()
			.beAssignableTo(Executor.class)
			.check(classes);
	}

	@ArchTest
	void configurationsHaveNoPublicMembers(JavaClasses classes) {
		ArchRuleDefinition.classes()
			.that()
			.areAnnotatedWith(Configuration.class)
			.should(haveNoPublicMembers())
			.check(classes);
	}

	@ArchTest
	void beanPostProcessorsAreCreatedStaticallyWithoutEarlyInitialization(JavaClasses classes) {
		ArchRuleDefinition.methods()
			.that()
			.areAnnotatedWith(Bean.class)
			.and()
			.haveRawReturnType(DescribedPredicate.describe("a BeanPostProcessor",
					(type) -> type.isAssignableTo(BeanPostProcessor.class)))
			.should(ArchCondition.from(DescribedPredicate.describe("be static with harmless parameters",
					(JavaMethod method) -> method.getModifiers().contains(JavaModifier.STATIC)
							&& method.getRawParameterTypes()
								.stream()
								.allMatch((type) -> type.isEquivalentTo(ObjectProvider.class)
										|| type.isEquivalentTo(Environment.class)))))
			.check(classes);
	}

	@ArchTest
	void classConditionsAreNotOnBeanMethods(JavaClasses classes) {
		ArchRuleDefinition.noMethods()
			.that()
			.areAnnotatedWith(Bean.class)
			.should()
			.beAnnotatedWith(ConditionalOnClass.class)
			.check(classes);
	}

	@ArchTest
	void conditionsAreNotPublic(JavaClasses classes) {
		ArchRuleDefinition.noClasses()
			.that()
			.areAssignableTo(SpringBootCondition.class)
			.should()
			.bePublic()
			.check(classes);
	}

	@ArchTest
	void caseIsNeverChangedInTheDefaultLocale(JavaClasses classes) {
		ArchRuleDefinition.noClasses()
			.should()
			.callMethod(String.class, "toLowerCase")
			.orShould()
			.callMethod(String.class, "toUpperCase")
			.check(classes);
	}

	@Test
	void importsAreSortedCompleteAndTheSameForEverySlice() throws IOException {
		List<String> imports = lines(IMPORTS);
		assertThat(imports).isSorted()
			.containsExactlyElementsOf(
					new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
						.importPackages("org.cooperativejdbc")
						.stream()
						.filter((type) -> type.isAnnotatedWith(AutoConfiguration.class))
						.map(JavaClass::getName)
						.sorted()
						.toList());
		assertThat(lines("META-INF/spring/org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureJdbc.imports"))
			.isEqualTo(imports);
		assertThat(lines("META-INF/spring/org.springframework.boot.jooq.test.autoconfigure.AutoConfigureJooq.imports"))
			.isEqualTo(imports);
	}

	private static List<String> lines(String resource) throws IOException {
		try (InputStream in = CooperativeJdbc.class.getClassLoader().getResourceAsStream(resource)) {
			assertThat(in).as(resource).isNotNull();
			return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
		}
	}

	private static ArchCondition<JavaClass> haveNoPublicMembers() {
		return new ArchCondition<>("have no public members") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				Stream.concat(type.getMethods().stream(), type.getFields().stream())
					.filter((member) -> member.getModifiers().contains(JavaModifier.PUBLIC)
							&& member.getOwner().equals(type))
					.forEach((member) -> events.add(SimpleConditionEvent.violated(member,
							String.format(Locale.ROOT, "%s is public", member.getFullName()))));
			}

		};
	}

	static class DoNotIncludeTestJars implements ImportOption {

		@Override
		public boolean includes(Location location) {
			return !location.contains("-tests.jar");
		}

	}

}
