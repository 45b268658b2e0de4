package com.example.overlap;

import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class OverlapApplication {

	private static final int BAD_ARGUMENTS = 2;

	public static void main(String[] args) {
		System.exit(run(args));
	}

	static int run(String... args) {
		try {
			Workload.parse(new DefaultApplicationArguments(args));
		}
		catch (IllegalArgumentException ex) {
			System.err.println(ex.getMessage());
			System.err.println(Workload.USAGE);
			return BAD_ARGUMENTS;
		}
		return SpringApplication.exit(SpringApplication.run(OverlapApplication.class, args));
	}

}
