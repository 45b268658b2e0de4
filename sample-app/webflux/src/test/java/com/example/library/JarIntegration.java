package com.example.library;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * What is read from jars on an event loop, most of it once: what Hibernate Validator needs
 * when it validates the first body, and the files of WebJars.
 */
public class JarIntegration implements BlockHoundIntegration {

	@Override
	public void applyTo(BlockHound.Builder builder) {
		builder.allowBlockingCallsInside("org.springframework.validation.DataBinder", "validate")
			.allowBlockingCallsInside("org.springframework.web.reactive.resource.LiteWebJarsResourceResolver",
					"findWebJarResourcePath")
			.allowBlockingCallsInside("sun.net.www.protocol.jar.JarURLConnection", "connect")
			.allowBlockingCallsInside("sun.net.www.protocol.jar.JarURLConnection$JarURLInputStream", "read");
	}

}
