package com.example.library.status;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/slow-queries")
class SlowQueryController {

	private final SlowQueryService service;

	SlowQueryController(SlowQueryService service) {
		this.service = service;
	}

	@GetMapping
	String one(@RequestParam(defaultValue = "1") @PositiveOrZero @Max(10) double seconds) {
		this.service.sleep(seconds);
		return Thread.currentThread().toString();
	}

}
