package com.example.library.error;

public class ConflictException extends RuntimeException {

	public ConflictException(String message) {
		super(message);
	}

}
