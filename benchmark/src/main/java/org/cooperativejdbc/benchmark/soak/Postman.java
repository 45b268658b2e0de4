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

package org.cooperativejdbc.benchmark.soak;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Notifies those who listen, on a connection of its own.
 */
final class Postman implements Runnable {

	private final SoakPool pool;

	private final BlockingQueue<Letter> letters = new LinkedBlockingQueue<>();

	Postman(SoakPool pool) {
		this.pool = pool;
	}

	void send(String channel, long number) {
		this.letters.add(new Letter(channel, Long.toString(number)));
	}

	@Override
	public void run() {
		try (Connection connection = this.pool.connect();
				PreparedStatement notify = connection.prepareStatement("select pg_notify(?, ?)")) {
			while (!this.pool.isEnded()) {
				Letter letter = this.letters.poll(100, TimeUnit.MILLISECONDS);
				if (letter != null) {
					notify.setString(1, letter.channel());
					notify.setString(2, letter.content());
					notify.execute();
				}
			}
		}
		catch (SQLException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private record Letter(String channel, String content) {

	}

}
