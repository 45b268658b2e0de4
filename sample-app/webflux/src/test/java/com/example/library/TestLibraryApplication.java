package com.example.library;

import org.cooperativejdbc.spring.test.TestPostgresql;

import org.springframework.boot.SpringApplication;

/**
 * The application with a PostgreSQL that starts and stops with it, as
 * {@code spring-boot:test-run} runs it.
 */
public class TestLibraryApplication {

	public static void main(String[] args) {
		SpringApplication.from(LibraryApplication::main).with(TestPostgresql.class).run(args);
	}

}
