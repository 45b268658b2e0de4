package com.example.library.book;

import java.util.List;

import com.example.library.error.ConflictException;
import com.example.library.error.NotFoundException;

import org.springframework.data.domain.Sort;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
@Transactional(readOnly = true)
class BookService {

	private final BookRepository books;

	BookService(BookRepository books) {
		this.books = books;
	}

	List<BookView> list() {
		return this.books.findAll(Sort.by("title")).stream().map(BookView::of).toList();
	}

	List<BookView> search(String title) {
		return this.books.findByTitleContainingIgnoreCaseOrderByTitle(title).stream().map(BookView::of).toList();
	}

	BookView get(long id) {
		return this.books.findById(id).map(BookView::of).orElseThrow(() -> new NotFoundException("book", id));
	}

	@Transactional
	BookView create(NewBook book) {
		if (this.books.existsByIsbn(book.isbn())) {
			throw new ConflictException("A book with ISBN %s is here already".formatted(book.isbn()));
		}
		return BookView.of(this.books.save(new Book(book.isbn(), book.title(), book.author(), book.copies())));
	}

}
