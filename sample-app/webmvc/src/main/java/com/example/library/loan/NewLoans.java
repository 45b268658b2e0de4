package com.example.library.loan;

import java.util.List;

import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;

record NewLoans(@NotNull Long memberId, @NotEmpty List<@NotNull Long> bookIds) {
}
