package com.example.library.loan;

import java.util.List;

import org.springframework.data.jpa.repository.EntityGraph;
import org.springframework.data.jpa.repository.JpaRepository;

interface LoanRepository extends JpaRepository<Loan, Long> {

	@EntityGraph(attributePaths = { "book", "member" })
	List<Loan> findByReturnedIsNullOrderById();

}
