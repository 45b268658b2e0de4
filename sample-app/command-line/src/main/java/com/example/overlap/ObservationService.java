package com.example.overlap;

import java.time.Duration;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Ordinary blocking JPA: nothing here knows on which kind of thread it runs.
 */
@Service
class ObservationService {

	private final ObservationRepository observations;

	ObservationService(ObservationRepository observations) {
		this.observations = observations;
	}

	@Transactional(readOnly = true)
	Observation latestAfter(Duration delay) {
		this.observations.sleep(delay.toMillis() / 1000.0);
		return this.observations.findFirstByOrderByTakenAtDesc().orElseThrow();
	}

}
