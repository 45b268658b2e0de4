package com.example.library.loan;

import java.time.LocalDate;
import java.util.List;

import com.example.library.book.Book;
import com.example.library.book.BookRepository;
import com.example.library.error.NotFoundException;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
@Transactional(readOnly = true)
class LoanService {

	private final LoanRepository loans;

	private final MemberRepository members;

	private final BookRepository books;

	LoanService(LoanRepository loans, MemberRepository members, BookRepository books) {
		this.loans = loans;
		this.members = members;
		this.books = books;
	}

	List<LoanView> open() {
		return this.loans.findByReturnedIsNullOrderById().stream().map(LoanView::of).toList();
	}

	LoanView get(long id) {
		return LoanView.of(find(id));
	}

	/**
	 * Lends all the books or, when one of them is not there, none.
	 */
	@Transactional
	List<LoanView> lend(NewLoans newLoans) {
		Member member = this.members.findById(newLoans.memberId())
			.orElseThrow(() -> new NotFoundException("member", newLoans.memberId()));
		return newLoans.bookIds().stream().map((bookId) -> LoanView.of(lend(bookId, member))).toList();
	}

	@Transactional
	LoanView takeBack(long id) {
		Loan loan = find(id);
		loan.close(LocalDate.now());
		return LoanView.of(loan);
	}

	private Loan lend(long bookId, Member member) {
		Book book = this.books.findById(bookId).orElseThrow(() -> new NotFoundException("book", bookId));
		return this.loans.save(new Loan(book, member, LocalDate.now()));
	}

	private Loan find(long id) {
		return this.loans.findById(id).orElseThrow(() -> new NotFoundException("loan", id));
	}

}
