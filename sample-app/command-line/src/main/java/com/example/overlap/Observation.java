package com.example.overlap;

import java.math.BigDecimal;
import java.time.Instant;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

@Entity
class Observation {

	@Id
	private Long id;

	private Instant takenAt;

	private BigDecimal celsius;

	Long getId() {
		return this.id;
	}

	Instant getTakenAt() {
		return this.takenAt;
	}

	BigDecimal getCelsius() {
		return this.celsius;
	}

}
