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

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;

/**
 * Whether the JDK's own socket would connect through a SOCKS proxy: it asks the default
 * {@link ProxySelector}, which looks at {@code socksProxyHost} and
 * {@code socksNonProxyHosts} unless an application has set another one.
 */
final class Socks {

	private static final String DEFAULT_SELECTOR = "sun.net.spi.DefaultProxySelector";

	private Socks() {
	}

	/**
	 * Return whether a proxy may be used for a server that is not known yet.
	 */
	static boolean mayBeUsed() {
		ProxySelector selector = ProxySelector.getDefault();
		if (selector == null) {
			return false;
		}
		return !selector.getClass().getName().equals(DEFAULT_SELECTOR) || System.getProperty("socksProxyHost") != null
				|| Boolean.getBoolean("java.net.useSystemProxies");
	}

	static boolean isUsedFor(InetSocketAddress server) {
		return mayBeUsed() && isSelectedFor(server);
	}

	/**
	 * As the JDK does: the first proxy that is none means a direct connection.
	 */
	private static boolean isSelectedFor(InetSocketAddress server) {
		try {
			String host = server.getHostString();
			URI uri = new URI("socket", null, host.contains(":") ? "[" + host + "]" : host, server.getPort(), null,
					null, null);
			List<Proxy> proxies = ProxySelector.getDefault().select(uri);
			return proxies != null && !proxies.isEmpty() && proxies.getFirst() != null
					&& proxies.getFirst().type() == Proxy.Type.SOCKS;
		}
		catch (Exception ex) {
			return true; // the JDK's own socket will tell what is wrong
		}
	}

}
