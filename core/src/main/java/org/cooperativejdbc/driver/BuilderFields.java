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

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a builder that takes settings but does not tell them.
 */
final class BuilderFields {

	private BuilderFields() {
	}

	/**
	 * Copy what a class has declared from one object to another.
	 * @throws ReflectiveOperationException if there is nothing to copy, as in a native
	 * image without hints
	 */
	static <T> void copy(Class<T> type, T from, T to) throws ReflectiveOperationException {
		List<Field> fields = new ArrayList<>(List.of(type.getDeclaredFields()));
		fields.removeIf((field) -> Modifier.isStatic(field.getModifiers()));
		if (fields.isEmpty()) {
			throw new NoSuchFieldException("No fields of " + type.getName());
		}
		for (Field field : fields) {
			field.setAccessible(true);
			field.set(to, field.get(from));
		}
	}

	/**
	 * Return the value of a field.
	 */
	static @Nullable Object get(Class<?> type, String name, Object object) throws ReflectiveOperationException {
		Field field = type.getDeclaredField(name);
		field.setAccessible(true);
		return field.get(object);
	}

}
