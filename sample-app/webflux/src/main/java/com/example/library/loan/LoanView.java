package com.example.library.loan;

import java.time.LocalDate;

import org.jspecify.annotations.Nullable;

record LoanView(long id, String book, String member, LocalDate due, @Nullable LocalDate returned) {

	static LoanView of(Loan loan) {
		return new LoanView(loan.getId(), loan.getBook().getTitle(), loan.getMember().getName(), loan.getDue(),
				loan.getReturned());
	}

}
