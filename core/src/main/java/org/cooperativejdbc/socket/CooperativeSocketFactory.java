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

package org.cooperativejdbc.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import javax.net.SocketFactory;

import org.jspecify.annotations.Nullable;

/**
 * The socket factory that database drivers load by name. A driver creates it with one
 * string, a key under which an application has registered how its sockets are made. The
 * key is opaque: whoever can choose it, for example through a JDBC URL, can name nothing
 * but a factory that an application in this JVM has registered.
 * <p>
 * Factories and registrations may be used by any thread.
 *
 * @since 0.1.0
 */
public final class CooperativeSocketFactory extends SocketFactory {

	private static final Map<String, Registration> registrations = new ConcurrentHashMap<>();

	private final @Nullable Registration registration;

	/**
	 * Create a factory for a registered key. If there is no such key it creates no
	 * sockets, because a driver may create factories it never uses.
	 * @param key a key returned by {@link #register(SocketSupplier)}
	 */
	public CooperativeSocketFactory(String key) {
		this(registrations.get(key));
	}

	private CooperativeSocketFactory(@Nullable Registration registration) {
		this.registration = registration;
	}

	/**
	 * Create a factory for code that need not find it by name.
	 * @param sockets supplies new, unconnected sockets
	 * @return a factory that nobody can name
	 */
	public static CooperativeSocketFactory of(SocketSupplier sockets) {
		return new CooperativeSocketFactory(new Registration(sockets, new LongAdder()));
	}

	/**
	 * Register how sockets are made.
	 * @param sockets supplies new, unconnected sockets
	 * @return the key to create factories with
	 */
	public static String register(SocketSupplier sockets) {
		String key = UUID.randomUUID().toString();
		registrations.put(key, new Registration(sockets, new LongAdder()));
		return key;
	}

	/**
	 * Give up a registration. Open sockets and the factories of their connections, which
	 * need another one to cancel a statement, are not affected.
	 * @param key the key that {@link #register(SocketSupplier)} returned
	 */
	public static void unregister(String key) {
		registrations.remove(key);
	}

	/**
	 * Return how many sockets were made for a SOCKS proxy instead of cooperative ones.
	 * @param key the key that {@link #register(SocketSupplier)} returned
	 * @return their number
	 */
	public static long proxied(String key) {
		Registration registration = registrations.get(key);
		return (registration != null) ? registration.proxied().sum() : 0;
	}

	/**
	 * Return whether a socket that may be connected to some servers has to use a SOCKS
	 * proxy.
	 * @param servers the servers
	 * @return whether the JVM is set up to reach one of them through such a proxy
	 */
	public static boolean usesSocks(Collection<InetSocketAddress> servers) {
		return servers.stream().anyMatch(Socks::isUsedFor);
	}

	/**
	 * Create an unconnected socket. Where it may have to use a SOCKS proxy it is
	 * {@linkplain SocketSupplier#getProxied() one of the JDK's making}, because only that
	 * one speaks the protocol of the proxy.
	 * @return the socket
	 * @throws IOException if the key was not registered, or no longer, when this factory
	 * was created
	 */
	@Override
	public Socket createSocket() throws IOException {
		return createSocket(Socks.mayBeUsed());
	}

	/**
	 * Create an unconnected socket that will be connected to one of some servers.
	 * @param servers the servers
	 * @return the socket
	 * @throws IOException as {@link #createSocket()} does
	 */
	public Socket createSocket(Collection<InetSocketAddress> servers) throws IOException {
		return createSocket(usesSocks(servers));
	}

	private Socket createSocket(boolean proxied) throws IOException {
		if (this.registration == null) {
			throw new IOException("The application that installed this socket factory has been closed");
		}
		if (!proxied) {
			return this.registration.sockets().get();
		}
		this.registration.proxied().increment();
		return this.registration.sockets().getProxied();
	}

	@Override
	public Socket createSocket(String host, int port) throws IOException {
		return connect(new InetSocketAddress(host, port), null);
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
		return connect(new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
	}

	@Override
	public Socket createSocket(InetAddress host, int port) throws IOException {
		return connect(new InetSocketAddress(host, port), null);
	}

	@Override
	public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
		return connect(new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
	}

	private Socket connect(InetSocketAddress remote, @Nullable InetSocketAddress local) throws IOException {
		Socket socket = createSocket(List.of(remote));
		try {
			socket.bind(local);
			socket.connect(remote);
			return socket;
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

	/**
	 * Supplies unconnected sockets.
	 */
	@FunctionalInterface
	public interface SocketSupplier {

		/**
		 * Return a new socket.
		 * @return an unconnected socket
		 * @throws IOException if none can be created
		 */
		Socket get() throws IOException;

		/**
		 * Return a new socket that uses the SOCKS proxy of the JVM as the JDK's does.
		 * @return an unconnected socket
		 * @throws IOException if none can be created
		 */
		default Socket getProxied() throws IOException {
			return new Socket();
		}

	}

	private record Registration(SocketSupplier sockets, LongAdder proxied) {

	}

}
