package com.example.library.book;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import org.hibernate.validator.constraints.ISBN;

record NewBook(@NotNull @ISBN(type = ISBN.Type.ISBN_13) String isbn, @NotBlank @Size(max = 200) String title,
		@NotBlank @Size(max = 200) String author, @Positive int copies) {
}
