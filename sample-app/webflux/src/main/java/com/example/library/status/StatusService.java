package com.example.library.status;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Optional;

import org.cooperativejdbc.CooperativeJdbc;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

@Service
class StatusService {

	private final Optional<CooperativeJdbc> cooperativeJdbc;

	private final JdbcClient jdbcClient;

	StatusService(Optional<CooperativeJdbc> cooperativeJdbc, JdbcClient jdbcClient) {
		this.cooperativeJdbc = cooperativeJdbc;
		this.jdbcClient = jdbcClient;
	}

	Status current() {
		return new Status(this.cooperativeJdbc.map((it) -> it.model().toString()).orElse("off"),
				this.cooperativeJdbc.map(CooperativeJdbc::reason).orElse("cooperative.jdbc.enabled is false"),
				Thread.currentThread().toString(), ManagementFactory.getThreadMXBean().getThreadCount(),
				statementsInFlight(), this.cooperativeJdbc.map(CooperativeJdbc::dataSources).orElse(Map.of()));
	}

	private long statementsInFlight() {
		return this.jdbcClient.sql("""
				select count(*) from pg_stat_activity
				where datname = current_database() and backend_type = 'client backend'
				and state = 'active' and pid <> pg_backend_pid()
				""").query(Long.class).single();
	}

}
