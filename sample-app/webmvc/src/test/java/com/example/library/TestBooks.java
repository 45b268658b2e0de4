package com.example.library;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Books that no other test knows.
 */
public final class TestBooks {

	private static final AtomicInteger COUNT = new AtomicInteger();

	private TestBooks() {
	}

	public static Map<String, Object> book(String title, int copies) {
		return Map.of("isbn", isbn(), "title", title, "author", "Anon", "copies", copies);
	}

	private static String isbn() {
		String digits = "979%09d".formatted(COUNT.incrementAndGet());
		int sum = 0;
		for (int i = 0; i < digits.length(); i++) {
			sum += (digits.charAt(i) - '0') * ((i % 2 == 0) ? 1 : 3);
		}
		return digits + (10 - sum % 10) % 10;
	}

}
