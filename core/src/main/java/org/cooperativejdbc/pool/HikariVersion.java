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

package org.cooperativejdbc.pool;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;

/**
 * The version of HikariCP, which its classes do not contain.
 *
 * @since 0.1.0
 */
public final class HikariVersion {

	private static final String RESOURCE = "/META-INF/maven/com.zaxxer/HikariCP/pom.properties";

	private HikariVersion() {
	}

	/**
	 * Return the version on the class path.
	 * @return the version, or {@code null} if it is unknown
	 */
	public static @Nullable String get() {
		try (InputStream in = HikariDataSource.class.getResourceAsStream(RESOURCE)) {
			Properties properties = new Properties();
			if (in != null) {
				properties.load(in);
			}
			return properties.getProperty("version");
		}
		catch (IOException ex) {
			return null;
		}
	}

}
