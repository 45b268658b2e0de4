package com.example.library.book;

import java.net.URI;
import java.util.List;

import jakarta.validation.Valid;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/books")
class BookController {

	private final BookService books;

	BookController(BookService books) {
		this.books = books;
	}

	@GetMapping
	List<BookView> list() {
		return this.books.list();
	}

	@GetMapping("/{id}")
	BookView get(@PathVariable long id) {
		return this.books.get(id);
	}

	@PostMapping
	ResponseEntity<BookView> create(@Valid @RequestBody NewBook newBook) {
		BookView book = this.books.create(newBook);
		return ResponseEntity.created(URI.create("/books/" + book.id())).body(book);
	}

}
