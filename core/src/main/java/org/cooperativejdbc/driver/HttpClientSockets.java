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
import java.net.Proxy;
import java.net.Socket;

import javax.net.SocketFactory;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Installs sockets into the classic client of Apache HttpClient 5. Its hook is a method
 * of the connection manager's builder that a subclass can override, but the class of the
 * builder cannot be configured. So the manager is built once more, by a subclass, with
 * the same settings.
 * <p>
 * A manager that is built by another class than HttpClient's own stays as it is, and so
 * does one whose settings cannot be read. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class HttpClientSockets {

	private static final Log logger = LogFactory.getLog(HttpClientSockets.class);

	private final SocketFactory sockets;

	/**
	 * The settings of the client that the current thread is building.
	 */
	private final ThreadLocal<PoolingHttpClientConnectionManagerBuilder> settings = new ThreadLocal<>();

	/**
	 * Create an instance.
	 * @param sockets makes the sockets
	 */
	public HttpClientSockets(SocketFactory sockets) {
		this.sockets = sockets;
	}

	/**
	 * Take note of the settings of a connection manager. They may still change before the
	 * current thread {@link #install installs} the sockets into the client that it makes
	 * with them.
	 * @param settings the settings
	 */
	public void use(PoolingHttpClientConnectionManagerBuilder settings) {
		this.settings.set(settings);
	}

	/**
	 * Exchange the connection manager of a client for one with the same settings and
	 * other sockets.
	 * @param client the client, whose manager is that of the settings
	 */
	public void install(HttpClientBuilder client) {
		PoolingHttpClientConnectionManagerBuilder settings = this.settings.get();
		this.settings.remove();
		if (settings == null || settings.getClass() != PoolingHttpClientConnectionManagerBuilder.class) {
			return;
		}
		try {
			ManagerBuilder builder = new ManagerBuilder(this.sockets);
			BuilderFields.copy(PoolingHttpClientConnectionManagerBuilder.class, settings, builder);
			client.setConnectionManager(builder.build());
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			logger.debug("No sockets installed into Apache HttpClient, which waits as it does by itself", ex);
		}
	}

	private static final class ManagerBuilder extends PoolingHttpClientConnectionManagerBuilder {

		private final SocketFactory sockets;

		private ManagerBuilder(SocketFactory sockets) {
			this.sockets = sockets;
		}

		/**
		 * As the super class does, but for the sockets.
		 */
		@Override
		protected HttpClientConnectionOperator createConnectionOperator(@Nullable SchemePortResolver schemePortResolver,
				@Nullable DnsResolver dnsResolver, TlsSocketStrategy tlsSocketStrategy) {
			return new DefaultHttpClientConnectionOperator(this::createSocket, schemePortResolver, dnsResolver,
					RegistryBuilder.<TlsSocketStrategy>create()
						.register(URIScheme.HTTPS.id, tlsSocketStrategy)
						.build());
		}

		/**
		 * Only the JDK's own socket speaks the protocol of a SOCKS proxy.
		 */
		private Socket createSocket(@Nullable Proxy socksProxy) throws IOException {
			return (socksProxy != null) ? new Socket(socksProxy) : this.sockets.createSocket();
		}

	}

}
