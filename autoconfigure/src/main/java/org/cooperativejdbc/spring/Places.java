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

package org.cooperativejdbc.spring;

import java.util.function.IntSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The connections of a pool, as places of transactions: those inside another transaction
 * may have any, the others leave the reserve alone. Must be called with the lock of the
 * admission.
 */
final class Places {

	private final IntSupplier size;

	private final boolean reserveWhenNeeded;

	private int reserve;

	private int outermost;

	private int inside;

	/**
	 * Create the places.
	 * @param size the number of connections
	 * @param reserve how many of them are only for transactions inside another one, or
	 * {@code null} for one as soon as there is such a transaction
	 */
	Places(IntSupplier size, @Nullable Integer reserve) {
		this.size = size;
		this.reserveWhenNeeded = reserve == null;
		this.reserve = (reserve != null) ? reserve : 0;
	}

	int size() {
		return this.size.getAsInt();
	}

	/**
	 * Return how many transactions that are not inside another one can run at once.
	 */
	int forOutermost() {
		return Math.max(1, size() - this.reserve);
	}

	int outermost() {
		return this.outermost;
	}

	int taken() {
		return this.outermost + this.inside;
	}

	void reserveForInside() {
		if (this.reserveWhenNeeded) {
			this.reserve = 1;
		}
	}

	boolean takeOutermost() {
		boolean free = taken() < size() && this.outermost < forOutermost();
		if (free) {
			this.outermost++;
		}
		return free;
	}

	boolean takeInside() {
		boolean free = taken() < size();
		if (free) {
			this.inside++;
		}
		return free;
	}

	void giveBackOutermost() {
		this.outermost--;
	}

	void giveBackInside() {
		this.inside--;
	}

}
