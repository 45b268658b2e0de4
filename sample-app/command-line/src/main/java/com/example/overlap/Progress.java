package com.example.overlap;

import java.util.HashSet;
import java.util.Set;

import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

final class Progress {

	private Progress() {
	}

	/**
	 * Return a bar that moves in a terminal; elsewhere one that prints a line now and
	 * then.
	 * @param tasks the number of tasks that make the bar full
	 * @return the bar
	 */
	static ProgressBar of(int tasks) {
		ProgressBarBuilder bar = new ProgressBarBuilder().setTaskName("Answered").setInitialMax(tasks).hideEta();
		if (System.console() != null) {
			return bar.setUpdateIntervalMillis(100).build();
		}
		Set<String> printed = new HashSet<>();
		return bar.setUpdateIntervalMillis(5000)
			.setStyle(ProgressBarStyle.ASCII)
			.setConsumer(new DelegatingProgressBarConsumer((line) -> {
				if (printed.add(line)) {
					System.out.println(line);
				}
			}, 80))
			.build();
	}

}
