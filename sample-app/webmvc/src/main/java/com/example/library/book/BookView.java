package com.example.library.book;

record BookView(long id, String isbn, String title, String author, int copies, int available) {

	static BookView of(Book book) {
		return new BookView(book.getId(), book.getIsbn(), book.getTitle(), book.getAuthor(), book.getCopies(),
				book.getAvailable());
	}

}
