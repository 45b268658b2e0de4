package com.example.library.loan;

import java.util.List;

import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/loans")
class LoanController {

	private final LoanService loans;

	LoanController(LoanService loans) {
		this.loans = loans;
	}

	@GetMapping
	List<LoanView> open() {
		return this.loans.open();
	}

	@GetMapping("/{id}")
	LoanView get(@PathVariable long id) {
		return this.loans.get(id);
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	List<LoanView> lend(@Valid @RequestBody NewLoans newLoans) {
		return this.loans.lend(newLoans);
	}

	@PostMapping("/{id}/return")
	LoanView takeBack(@PathVariable long id) {
		return this.loans.takeBack(id);
	}

}
