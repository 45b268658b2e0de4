package com.example.overlap;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * A PostgreSQL to try the application with, as long as {@code spring.datasource.url} is
 * not set: in a container when a Docker engine answers, otherwise embedded. Either starts
 * and stops with the application, and forgets its data.
 * <p>
 * Delete this class when you have a database, together with the dependencies that the pom
 * marks for it.
 */
@Configuration(proxyBeanMethods = false)
class SampleDatabase {

	@Configuration(proxyBeanMethods = false)
	@Conditional(OnDocker.class)
	static class Container {

		@Bean
		@ServiceConnection
		PostgreSQLContainer postgresContainer() {
			return new PostgreSQLContainer("postgres:18").withCommand("postgres", "-c", "max_connections=200");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Conditional(OnNoDocker.class)
	static class Embedded {

		@Bean(destroyMethod = "close")
		EmbeddedPostgres embeddedPostgres() throws IOException {
			// Spring stops it after the connection pool; a shutdown hook would come too
			// early.
			return EmbeddedPostgres.builder()
				.setLocaleConfig("locale", "C")
				.setServerConfig("max_connections", "200")
				.setPGStartupWait(Duration.ofMinutes(1))
				.setRegisterShutdownHook(false)
				.start();
		}

		@Bean
		JdbcConnectionDetails embeddedPostgresConnectionDetails(EmbeddedPostgres postgres) {
			return new EmbeddedConnectionDetails(postgres);
		}

	}

	private record EmbeddedConnectionDetails(EmbeddedPostgres postgres) implements JdbcConnectionDetails {

		@Override
		public String getJdbcUrl() {
			return this.postgres.getJdbcUrl("postgres", "postgres");
		}

		@Override
		public String getUsername() {
			return "postgres";
		}

		@Override
		public String getPassword() {
			return "postgres";
		}

	}

	static class OnDocker implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return !context.getEnvironment().containsProperty("spring.datasource.url") && DockerEngine.answers();
		}

	}

	static class OnNoDocker implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return !context.getEnvironment().containsProperty("spring.datasource.url") && !DockerEngine.answers();
		}

	}

	/**
	 * Asks for a Docker engine before Testcontainers does, which is slow and loud when
	 * there is none.
	 */
	private static final class DockerEngine {

		private static final String UNIX = "unix://";

		private static final SingletonSupplier<Boolean> ANSWERS = SingletonSupplier.of(DockerEngine::ask);

		static boolean answers() {
			return ANSWERS.obtain();
		}

		private static boolean ask() {
			return hosts().anyMatch(DockerEngine::answersInTime) && DockerClientFactory.instance().isDockerAvailable();
		}

		private static Stream<String> hosts() {
			String host = System.getenv("DOCKER_HOST");
			if (StringUtils.hasText(host)) {
				return Stream.of(host);
			}
			String home = System.getProperty("user.home");
			String runtime = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/run");
			return Stream.of("/var/run", runtime, home + "/.docker/run", home + "/.docker/desktop")
				.map((directory) -> UNIX + directory + "/docker.sock");
		}

		private static boolean answersInTime(String host) {
			return CompletableFuture.supplyAsync(() -> answers(host))
				.completeOnTimeout(false, 1, TimeUnit.SECONDS)
				.join();
		}

		private static boolean answers(String host) {
			try (SocketChannel channel = SocketChannel.open(address(host))) {
				channel.write(ByteBuffer.wrap("GET /_ping HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
				ByteBuffer answer = ByteBuffer.allocate(1);
				return channel.read(answer) == 1 && answer.get(0) == 'H';
			}
			catch (IOException | RuntimeException ex) {
				return false;
			}
		}

		private static SocketAddress address(String host) {
			if (host.startsWith(UNIX)) {
				return UnixDomainSocketAddress.of(host.substring(UNIX.length()));
			}
			URI uri = URI.create(host);
			return new InetSocketAddress(uri.getHost(), uri.getPort());
		}

	}

}
