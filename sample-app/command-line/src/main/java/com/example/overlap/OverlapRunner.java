package com.example.overlap;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.stereotype.Component;

@Component
class OverlapRunner implements ApplicationRunner, ExitCodeGenerator {

	private final Overlap overlap;

	private Report report;

	OverlapRunner(Overlap overlap) {
		this.overlap = overlap;
	}

	@Override
	public void run(ApplicationArguments arguments) {
		this.report = this.overlap.run(Workload.parse(arguments));
		System.out.println(this.report.table());
	}

	@Override
	public int getExitCode() {
		return (this.report != null && this.report.everythingAnswered()) ? 0 : 1;
	}

	Report report() {
		return this.report;
	}

}
