package com.example.library.loan;

import java.time.LocalDate;

import com.example.library.book.Book;
import com.example.library.error.ConflictException;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import org.jspecify.annotations.Nullable;

@Entity
class Loan {

	private static final int WEEKS = 4;

	@Id
	@GeneratedValue(strategy = GenerationType.IDENTITY)
	private Long id;

	@ManyToOne(fetch = FetchType.LAZY)
	private Book book;

	@ManyToOne(fetch = FetchType.LAZY)
	private Member member;

	private LocalDate due;

	private @Nullable LocalDate returned;

	protected Loan() {
	}

	Loan(Book book, Member member, LocalDate today) {
		book.lend();
		this.book = book;
		this.member = member;
		this.due = today.plusWeeks(WEEKS);
	}

	void close(LocalDate today) {
		if (this.returned != null) {
			throw new ConflictException("Loan %d ended on %s".formatted(this.id, this.returned));
		}
		this.returned = today;
		this.book.takeBack();
	}

	Long getId() {
		return this.id;
	}

	Book getBook() {
		return this.book;
	}

	Member getMember() {
		return this.member;
	}

	LocalDate getDue() {
		return this.due;
	}

	@Nullable LocalDate getReturned() {
		return this.returned;
	}

}
