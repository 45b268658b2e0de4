package com.example.library;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * A body is validated on the event loop that has read it, and the first time Hibernate
 * Validator reads its messages, and what else it needs, from the jars.
 */
public class ValidationIntegration implements BlockHoundIntegration {

	@Override
	public void applyTo(BlockHound.Builder builder) {
		builder.allowBlockingCallsInside("org.springframework.validation.DataBinder", "validate");
	}

}
