package com.example.library.book;

import java.util.List;

import org.springframework.data.jpa.repository.JpaRepository;

public interface BookRepository extends JpaRepository<Book, Long> {

	boolean existsByIsbn(String isbn);

	List<Book> findByTitleContainingIgnoreCaseOrderByTitle(String title);

}
