package com.example.overlap;

import java.util.Optional;

import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface ObservationRepository extends Repository<Observation, Long> {

	@Query(nativeQuery = true, value = "select cast(pg_sleep(:seconds) as text)")
	String sleep(double seconds);

	Optional<Observation> findFirstByOrderByTakenAtDesc();

}
