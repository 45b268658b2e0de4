package com.example.library.loan;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;

@Entity
class Member {

	@Id
	@GeneratedValue(strategy = GenerationType.IDENTITY)
	private Long id;

	private String name;

	private String email;

	protected Member() {
	}

	Member(String name, String email) {
		this.name = name;
		this.email = email;
	}

	Long getId() {
		return this.id;
	}

	String getName() {
		return this.name;
	}

	String getEmail() {
		return this.email;
	}

}
