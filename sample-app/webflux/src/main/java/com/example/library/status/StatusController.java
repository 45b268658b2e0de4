package com.example.library.status;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseBody;

@Controller
class StatusController {

	private final StatusService service;

	StatusController(StatusService service) {
		this.service = service;
	}

	@GetMapping("/")
	String startPage(Model model) {
		model.addAttribute("status", this.service.current());
		return "index";
	}

	@GetMapping("/status")
	@ResponseBody
	Status status() {
		return this.service.current();
	}

}
