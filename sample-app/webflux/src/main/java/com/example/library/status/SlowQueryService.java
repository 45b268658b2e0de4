package com.example.library.status;

import jakarta.persistence.EntityManager;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
class SlowQueryService {

	private final EntityManager entityManager;

	SlowQueryService(EntityManager entityManager) {
		this.entityManager = entityManager;
	}

	@Transactional(readOnly = true)
	void sleep(double seconds) {
		this.entityManager.createNativeQuery("select cast(pg_sleep(:seconds) as text)", String.class)
			.setParameter("seconds", seconds)
			.getSingleResult();
	}

}
