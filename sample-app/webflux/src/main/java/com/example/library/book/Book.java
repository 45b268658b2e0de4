package com.example.library.book;

import com.example.library.error.ConflictException;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Version;

@Entity
public class Book {

	@Id
	@GeneratedValue(strategy = GenerationType.IDENTITY)
	private Long id;

	private String isbn;

	private String title;

	private String author;

	private int copies;

	private int available;

	@Version
	private int version;

	protected Book() {
	}

	Book(String isbn, String title, String author, int copies) {
		this.isbn = isbn;
		this.title = title;
		this.author = author;
		this.copies = copies;
		this.available = copies;
	}

	public void lend() {
		if (this.available == 0) {
			throw new ConflictException("All copies of '%s' are lent".formatted(this.title));
		}
		this.available--;
	}

	public void takeBack() {
		this.available++;
	}

	public Long getId() {
		return this.id;
	}

	public String getIsbn() {
		return this.isbn;
	}

	public String getTitle() {
		return this.title;
	}

	public String getAuthor() {
		return this.author;
	}

	public int getCopies() {
		return this.copies;
	}

	public int getAvailable() {
		return this.available;
	}

}
