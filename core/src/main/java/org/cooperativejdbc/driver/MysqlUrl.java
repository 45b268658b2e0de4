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

package org.cooperativejdbc.driver;

import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The URL of a driver of MariaDB or MySQL, perhaps behind drivers that wrap it. It is
 * read as text, because whatever the drivers make of it may load plugins.
 *
 * @param text the URL
 * @param wrapper the driver that wraps the other, as the URL names it, or {@code null}
 * @param unwrapped the URL that the other is given
 */
record MysqlUrl(String text, @Nullable String wrapper, String unwrapped) {

	/**
	 * Stands for a URL that is not known.
	 */
	static final MysqlUrl UNKNOWN = new MysqlUrl("", null, "");

	private static final String PREFIX = "jdbc(?:-(?<suffix>[\\w-]+))?:(?:(?<wrapper>[\\w-]+):(?:[\\w-]+:)*)?";

	private static final Pattern MARIADB = Pattern.compile(PREFIX + "(?<own>mariadb:)");

	private static final Pattern MYSQL = Pattern.compile(PREFIX + "(?<own>mysql:)");

	/**
	 * The option in a URL of MySQL with which the driver of MariaDB accepts it.
	 */
	private static final String PERMIT_MYSQL = "permitMysqlScheme";

	/**
	 * Read a URL of MariaDB.
	 * @return {@code null} if it is another one
	 */
	static @Nullable MysqlUrl mariadb(@Nullable String text) {
		return read(text, MARIADB);
	}

	/**
	 * Read a URL of MySQL.
	 * @return {@code null} if it is another one
	 */
	static @Nullable MysqlUrl mysql(@Nullable String text) {
		return read(text, MYSQL);
	}

	private static @Nullable MysqlUrl read(@Nullable String text, Pattern pattern) {
		Matcher matcher = (text != null) ? pattern.matcher(text) : null;
		if (text == null || matcher == null || !matcher.lookingAt()) {
			return null;
		}
		String wrapper = (matcher.group("suffix") != null) ? matcher.group("suffix") : matcher.group("wrapper");
		return new MysqlUrl(text, wrapper, "jdbc:" + text.substring(matcher.start("own")));
	}

	/**
	 * Return whether it is a URL of MySQL that is meant for the driver of MariaDB.
	 */
	boolean isPermittedMysql() {
		return this.text.contains(PERMIT_MYSQL);
	}

	/**
	 * Return the value of an option, whose name the drivers know in any case, in the URL
	 * or else in the properties.
	 * @return the value, or {@code null} if the user left it unset
	 */
	@Nullable String configured(Properties properties, String name) {
		Matcher matcher = Pattern.compile("(?i)[?&(,]\\s*" + name + "\\s*(?:=([^&),]*))?(?=[&),]|$)")
			.matcher(this.text);
		if (matcher.find()) {
			return (matcher.group(1) != null) ? matcher.group(1) : "";
		}
		return properties.stringPropertyNames()
			.stream()
			.filter(name::equalsIgnoreCase)
			.map(properties::getProperty)
			.findAny()
			.orElse(null);
	}

}
