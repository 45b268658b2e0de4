package com.example.library.status;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseBody;

@Controller
class StatusController {

	private final StatusService service;

	private final LiveModels models;

	private final int poolSize;

	StatusController(StatusService service, LiveModels models,
			@Value("${spring.datasource.hikari.maximum-pool-size}") int poolSize) {
		this.service = service;
		this.models = models;
		this.poolSize = poolSize;
	}

	@GetMapping("/")
	String startPage(Model model) {
		model.addAttribute("status", this.service.current());
		model.addAttribute("models", this.models.names());
		model.addAttribute("poolSize", this.poolSize);
		return "index";
	}

	@GetMapping("/status")
	@ResponseBody
	Status status() {
		return this.service.current();
	}

}
