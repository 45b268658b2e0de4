import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;

/**
 * Downloads and queries that overlap, without a framework: each takes two or three
 * seconds, and all of them together three.
 *
 * <pre>
 * java -cp 'lib/*' Overlap.java jdbc:postgresql://localhost/postgres postgres postgres
 * </pre>
 */
public class Overlap {

	private static final Instant start = Instant.now();

	public static void main(String[] args) throws Exception {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(args[0]);
		config.setUsername(args[1]);
		config.setPassword(args[2]);
		HttpServer server = startWaitServer();
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults())) {
			HikariDataSource pool = cooperative.pool(config);
			print("jobs launched");
			List<CompletableFuture<Void>> jobs = List.of(cooperative.call(() -> download(server, 2)),
					cooperative.call(() -> fetch(pool, 3)), cooperative.call(() -> download(server, 3)),
					cooperative.call(() -> fetch(pool, 2)));
			for (CompletableFuture<Void> job : jobs) {
				Cooperative.await(job, Duration.ofSeconds(30));
			}
			print("done");
		}
		finally {
			server.stop(0);
		}
	}

	private static Void fetch(HikariDataSource pool, int seconds) throws Exception {
		print("fetch of " + seconds + " s starts");
		try (Connection connection = pool.getConnection();
				PreparedStatement statement = connection.prepareStatement("select pg_sleep(?)")) {
			statement.setInt(1, seconds);
			statement.execute();
		}
		print("fetch of " + seconds + " s ends");
		return null;
	}

	private static Void download(HttpServer server, int seconds) throws Exception {
		print("download of " + seconds + " s starts");
		URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + "/" + seconds);
		try (HttpClient client = HttpClient.newHttpClient()) {
			client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
		}
		print("download of " + seconds + " s ends");
		return null;
	}

	/**
	 * Start a server that answers after as many seconds as its path says.
	 */
	private static HttpServer startWaitServer() throws Exception {
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
		server.createContext("/", (exchange) -> {
			try (exchange) {
				Thread.sleep(Duration.ofSeconds(Integer.parseInt(exchange.getRequestURI().getPath().substring(1))));
				exchange.sendResponseHeaders(204, -1);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		server.start();
		return server;
	}

	private static void print(String message) {
		System.out.printf("%4.1f s  %s%n", Duration.between(start, Instant.now()).toMillis() / 1000.0, message);
	}

}
