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

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.SSLSocketWrapper;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Connects as Jedis does, with its options and its exceptions, on other sockets.
 */
final class CooperativeJedisSocketFactory extends DefaultJedisSocketFactory {

	private final JedisClientConfig config;

	private final CooperativeSocketFactory sockets;

	CooperativeJedisSocketFactory(HostAndPort server, JedisClientConfig config, CooperativeSocketFactory sockets) {
		super(server, config);
		this.config = config;
		this.sockets = sockets;
	}

	@Override
	public Socket createSocket() throws JedisConnectionException {
		HostAndPort server = getSocketHostAndPort();
		Socket socket = null;
		try {
			socket = connect(server);
			socket.setSoTimeout(this.config.getSocketTimeoutMillis());
			return (this.config.isSsl() || this.config.getSslOptions() != null) ? encrypt(server, socket) : socket;
		}
		catch (JedisConnectionException ex) {
			close(socket, ex);
			throw ex;
		}
		catch (Exception ex) {
			JedisConnectionException failure = new JedisConnectionException("Failed to create socket.", ex);
			close(socket, failure);
			throw failure;
		}
	}

	private Socket connect(HostAndPort server) throws IOException {
		List<InetAddress> addresses = Arrays.asList(InetAddress.getAllByName(server.getHost()));
		Collections.shuffle(addresses);
		JedisConnectionException failure = new JedisConnectionException("Failed to connect to " + server + ".");
		for (InetAddress address : addresses) {
			InetSocketAddress remote = new InetSocketAddress(address, server.getPort());
			Socket socket = null;
			try {
				socket = this.sockets.createSocket(List.of(remote));
				socket.setReuseAddress(true);
				socket.setKeepAlive(true);
				socket.setTcpNoDelay(true);
				socket.setSoLinger(true, 0);
				socket.connect(remote, this.config.getConnectionTimeoutMillis());
				return socket;
			}
			catch (Exception ex) {
				close(socket, ex);
				failure.addSuppressed(ex);
			}
		}
		throw failure;
	}

	private Socket encrypt(HostAndPort server, Socket socket) throws IOException, GeneralSecurityException {
		SslOptions options = this.config.getSslOptions();
		SSLSocketFactory factory = (options != null) ? options.createSslContext().getSocketFactory()
				: this.config.getSslSocketFactory();
		if (factory == null) {
			factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
		}
		SSLSocket encrypted = (SSLSocket) factory.createSocket(socket, server.getHost(), server.getPort(), true);
		SSLParameters parameters = (options != null) ? options.getSslParameters() : this.config.getSslParameters();
		if (parameters != null) {
			encrypted.setSSLParameters(parameters);
		}
		HostnameVerifier verifier = this.config.getHostnameVerifier();
		if (verifier != null && !verifier.verify(server.getHost(), encrypted.getSession())) {
			throw new JedisConnectionException(
					"The connection to '%s' failed ssl/tls hostname verification.".formatted(server.getHost()));
		}
		return new SSLSocketWrapper(encrypted, socket);
	}

	private static void close(@Nullable Socket socket, Exception failure) {
		try {
			if (socket != null) {
				socket.close();
			}
		}
		catch (IOException ex) {
			failure.addSuppressed(ex);
		}
	}

}
