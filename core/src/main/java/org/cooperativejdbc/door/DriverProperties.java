/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package org.cooperativejdbc.door;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;

import org.cooperativejdbc.driver.ConnectionSource;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.DriverSupports;
import org.cooperativejdbc.driver.Installation;
import org.cooperativejdbc.driver.ReadOnlyTransactions;

/**
 * The connection properties that install sockets into a driver, whoever passes them to
 * it.
 *
 * @param drivers the drivers that are supported
 * @param sockets the sockets
 * @param cancelGrace how long the answer of a canceled statement is waited for
 * @since 0.1.0
 */
public record DriverProperties(DriverSupports drivers, CooperativeSockets sockets, Duration cancelGrace) {

	/**
	 * Return the connection properties for a driver.
	 * @param driver its class, or a URL of it
	 * @return the properties, which belong to the caller
	 * @throws IllegalArgumentException if it cannot be made cooperative
	 */
	public Properties of(String driver) {
		Properties properties = new Properties();
		properties.putAll(installed(driver).properties());
		properties.putAll(roundTrips(driver));
		return properties;
	}

	/**
	 * Return the class to connect with.
	 * @param driver the class of a driver, or a URL of it
	 * @param fallback the class if it needs no other one
	 * @return the class to connect with instead for statements to be canceled
	 */
	public String className(String driver, String fallback) {
		String className = installed(driver).driverClassName();
		return (className != null) ? className : fallback;
	}

	/**
	 * A driver that saves no round trips has all of them.
	 */
	private Map<String, String> roundTrips(String driver) {
		ConnectionSource source = source(driver);
		DriverSupport support = this.drivers.find(source);
		ReadOnlyTransactions transactions = this.sockets.readOnlyTransactions();
		return (support != null && transactions != null
				&& support.saveRoundTrips(source, transactions.key()) instanceof Installation.Installed installed)
						? installed.properties() : Map.of();
	}

	private static ConnectionSource source(String driver) {
		boolean url = driver.startsWith("jdbc:");
		return new ConnectionSource("driver", url ? driver : null, url ? null : driver, null, new Properties(),
				Duration.ofSeconds(30), DriverProperties.class);
	}

	private Installation.Installed installed(String driver) {
		ConnectionSource source = source(driver);
		DriverSupport support = this.drivers.find(source);
		if (support == null) {
			throw new IllegalArgumentException("The driver '" + scheme(driver) + "' has no socket factory to install; "
					+ "run what waits for it in 'Cooperative.offload', or use one that has a 'DriverSupport'");
		}
		return switch (DriverSupports.install(support, source, this.sockets::key, this.cancelGrace)) {
			case Installation.Installed installed -> installed;
			case Installation.NotNeeded notNeeded -> new Installation.Installed(Map.of());
			case Installation.Refused refused ->
				throw new IllegalArgumentException(support.name() + " " + refused.outcome() + ". " + refused.remedy());
		};
	}

	/**
	 * What follows in a URL may be a secret.
	 */
	private static String scheme(String driver) {
		return driver.startsWith("jdbc:") ? driver.replaceFirst("^(jdbc:[\\w-]*).*", "$1") : driver;
	}

}
