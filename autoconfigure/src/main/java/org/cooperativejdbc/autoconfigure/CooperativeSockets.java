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

package org.cooperativejdbc.autoconfigure;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.ParkingSocket;
import org.cooperativejdbc.spring.EventLoopGuard;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;

/**
 * The sockets of an application, registered with {@link CooperativeSocketFactory} as long
 * as the application runs, or one of its pools that is not closed with it. In any model
 * those that may need a SOCKS proxy are the JDK's, made safe against interrupts.
 */
class CooperativeSockets implements DisposableBean {

	private final SocketSupplier sockets;

	private final Map<DriverSupport, String> keys = new ConcurrentHashMap<>();

	/**
	 * The application, and the pools that outlive it.
	 */
	private final AtomicInteger users = new AtomicInteger(1);

	private volatile boolean outlived;

	CooperativeSockets(ConcurrencyModel model, ObjectProvider<WaitStrategy> waitStrategy, EventLoopGuard eventLoopGuard,
			InterruptPolicy interruptPolicy, Duration cancelGrace) {
		SocketSupplier parking = () -> new ParkingSocket(eventLoopGuard, interruptPolicy, cancelGrace);
		WaitStrategy strategy = (model == ConcurrencyModel.EVENT_LOOP) ? waitStrategy.getObject() : null;
		this.sockets = new SocketSupplier() {

			@Override
			public Socket get() throws IOException {
				return (strategy != null && !CooperativeSockets.this.outlived)
						? new CooperativeSocket(strategy, eventLoopGuard, interruptPolicy, cancelGrace) : parking.get();
			}

			@Override
			public Socket getProxied() throws IOException {
				return parking.get();
			}

		};
	}

	/**
	 * Return the key with which a driver gets its sockets.
	 */
	String key(DriverSupport driver) {
		return this.keys.computeIfAbsent(driver,
				(support) -> CooperativeSocketFactory.register(support.sockets(this.sockets)));
	}

	/**
	 * Stay until a pool is closed that is not closed with the application, and create
	 * sockets that need no thread of it from now on.
	 */
	void outlive(CooperativeDataSource pool) {
		this.outlived = true;
		this.users.incrementAndGet();
		pool.onClose(this::release);
	}

	@Override
	public void destroy() {
		release();
	}

	private void release() {
		if (this.users.decrementAndGet() == 0) {
			this.keys.values().forEach(CooperativeSocketFactory::unregister);
		}
	}

}
