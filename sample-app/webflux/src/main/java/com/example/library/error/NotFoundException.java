package com.example.library.error;

public class NotFoundException extends RuntimeException {

	public NotFoundException(String what, Object id) {
		super("There is no %s %s".formatted(what, id));
	}

}
