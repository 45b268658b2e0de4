package com.example.library.status;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.annotation.PreDestroy;
import org.cooperativejdbc.ConcurrencyModel;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The concurrency models that this JVM can have, side by side. An application of yours has
 * one model and one pool; these are here to be compared.
 */
@Service
class LiveModels {

	static final int MAX_QUERIES = 1000;

	/**
	 * Connections of each model.
	 */
	private static final int CONNECTIONS = 10;

	private static final String APPLICATION_NAME = "live-";

	private final Map<String, LiveModel> models = new LinkedHashMap<>();

	/**
	 * Asks for the figures, while all other connections may be in use.
	 */
	private final HikariDataSource figurePool;

	LiveModels(JdbcConnectionDetails connectionDetails) {
		for (ConcurrencyModel model : ConcurrencyModel.values()) {
			try {
				this.models.put(model.toString(),
						new LiveModel(model, config(connectionDetails, model.toString(), CONNECTIONS), MAX_QUERIES));
			}
			catch (IllegalStateException ex) {
				// The page shows those that can be had
			}
		}
		this.figurePool = new HikariDataSource(config(connectionDetails, "figures", 1));
	}

	private static HikariConfig config(JdbcConnectionDetails connectionDetails, String name, int connections) {
		HikariConfig config = new HikariConfig();
		config.setPoolName(APPLICATION_NAME + name);
		config.setJdbcUrl(connectionDetails.getJdbcUrl());
		config.setUsername(connectionDetails.getUsername());
		config.setPassword(connectionDetails.getPassword());
		config.addDataSourceProperty("ApplicationName", APPLICATION_NAME + name);
		config.setMaximumPoolSize(connections);
		config.setMinimumIdle(0);
		config.setConnectionTimeout(TimeUnit.MINUTES.toMillis(10));
		return config;
	}

	List<String> names() {
		return List.copyOf(this.models.keySet());
	}

	void start(int count, double seconds) {
		this.models.values().forEach((model) -> model.start(count, seconds));
	}

	void interrupt() {
		this.models.values().forEach(LiveModel::interrupt);
	}

	/**
	 * Return the figures of all models.
	 */
	List<LiveModel.Figures> figures() {
		Map<String, Integer> active = active();
		return this.models.entrySet()
			.stream()
			.map((entry) -> entry.getValue().figures(active.getOrDefault(APPLICATION_NAME + entry.getKey(), 0)))
			.toList();
	}

	private Map<String, Integer> active() {
		Map<String, Integer> active = new HashMap<>();
		JdbcClient.create(this.figurePool).sql("""
				select application_name, count(*) as statements from pg_stat_activity
				where state = 'active' group by application_name
				""").query((RowCallbackHandler) (row) -> active.put(row.getString("application_name"), row.getInt("statements")));
		return active;
	}

	@PreDestroy
	void close() {
		this.models.values().forEach(LiveModel::close);
		this.figurePool.close();
	}

}
