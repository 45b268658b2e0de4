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

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.jspecify.annotations.Nullable;

/**
 * How an application begins and ends its read-only transactions, and the round trips that
 * this has saved. A driver gets only strings, so it finds the instance of its application
 * by an opaque key. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class ReadOnlyTransactions {

	private static final int TEXTS = 1000;

	private static final int LONGEST_TEXT = 4000;

	private static final Map<String, ReadOnlyTransactions> registrations = new ConcurrentHashMap<>();

	private final String key = UUID.randomUUID().toString();

	private final ReadOnlyCommit commit;

	private final ReadOnlyBegin begin;

	private final LongAdder overlapped = new LongAdder();

	private final LongAdder elided = new LongAdder();

	private final Map<String, StatementText> texts = new ConcurrentHashMap<>();

	private ReadOnlyTransactions(ReadOnlyCommit commit, ReadOnlyBegin begin) {
		this.commit = commit;
		this.begin = begin;
	}

	/**
	 * Register an application.
	 * @param commit how long the COMMIT of a transaction that has only read is waited for
	 * @param begin when a transaction that is read-only begins
	 * @return what is to be {@link #unregister() unregistered}, or {@code null} if all is
	 * as the driver does it
	 */
	public static @Nullable ReadOnlyTransactions register(ReadOnlyCommit commit, ReadOnlyBegin begin) {
		if (commit == ReadOnlyCommit.STANDARD && begin == ReadOnlyBegin.STANDARD) {
			return null;
		}
		ReadOnlyTransactions transactions = new ReadOnlyTransactions(commit, begin);
		registrations.put(transactions.key, transactions);
		return transactions;
	}

	/**
	 * Give up the registration. Connections that are open are not affected, and those
	 * that are opened later are the driver's own.
	 */
	public void unregister() {
		registrations.remove(this.key);
	}

	/**
	 * Return those of an application, or {@code null} if it has none.
	 */
	static @Nullable ReadOnlyTransactions find(@Nullable String key) {
		return (key != null) ? registrations.get(key) : null;
	}

	/**
	 * Return the key with which a driver finds this.
	 * @return the key
	 */
	public String key() {
		return this.key;
	}

	/**
	 * Return how many COMMITs nobody has waited for, each of which would have been a
	 * round trip.
	 * @return their number, or {@code null} if each COMMIT is waited for
	 */
	public @Nullable Long overlapped() {
		return isOverlapping() ? this.overlapped.sum() : null;
	}

	/**
	 * Return how many transactions have ended that had never begun, each of which would
	 * have had a round trip more.
	 * @return their number, or {@code null} if each transaction begins with its first
	 * statement
	 */
	public @Nullable Long elided() {
		return (this.begin != ReadOnlyBegin.STANDARD) ? this.elided.sum() : null;
	}

	/**
	 * Return what is done to connections, for the line that is logged at startup.
	 * @return the end of a sentence
	 */
	public String description() {
		String lazily = switch (this.begin) {
			case STANDARD -> "";
			case LAZY_WHERE_ENFORCED -> "read-only transactions begun lazily where the server refuses to write";
			case LAZY -> "read-only transactions begun lazily";
		};
		String overlapped = isOverlapping() ? "COMMITs of read-only transactions overlapped" : "";
		return lazily + ((lazily.isEmpty() || overlapped.isEmpty()) ? "" : ", ") + overlapped;
	}

	boolean isOverlapping() {
		return this.commit == ReadOnlyCommit.OVERLAPPED;
	}

	/**
	 * Return when a transaction of the current thread begins.
	 */
	ReadOnlyBegin begin() {
		ReadOnlyBegin entered = ReadOnlyBegin.current();
		return (entered != null) ? entered : this.begin;
	}

	void countOverlapped() {
		this.overlapped.increment();
	}

	void countElided() {
		this.elided.increment();
	}

	/**
	 * Return what the text of a statement tells, which is looked at once as long as it is
	 * not too long and there are not too many.
	 */
	StatementText text(String sql) {
		StatementText known = this.texts.get(sql);
		if (known != null) {
			return known;
		}
		StatementText text = StatementText.of(sql);
		if (sql.length() <= LONGEST_TEXT) {
			if (this.texts.size() >= TEXTS) {
				this.texts.clear();
			}
			this.texts.put(sql, text);
		}
		return text;
	}

}
