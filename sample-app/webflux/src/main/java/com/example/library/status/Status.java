package com.example.library.status;

import java.util.Map;

record Status(String model, String reason, String thread, int platformThreads, long statementsInFlight,
		Map<String, String> dataSources) {
}
