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

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.Socket;
import java.net.SocketImpl;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every method of {@link Socket} is served by its {@link SocketImpl}, ours included.
 * Fails when a JDK adds a method: look at it, then add it here and to the scenarios.
 */
class SocketMethodsTests {

	private static final Set<String> SOCKET = Set.of("bind(SocketAddress)", "close()", "connect(SocketAddress)",
			"connect(SocketAddress,int)", "getChannel()", "getInetAddress()", "getInputStream()", "getKeepAlive()",
			"getLocalAddress()", "getLocalPort()", "getLocalSocketAddress()", "getOOBInline()",
			"getOption(SocketOption)", "getOutputStream()", "getPort()", "getReceiveBufferSize()",
			"getRemoteSocketAddress()", "getReuseAddress()", "getSendBufferSize()", "getSoLinger()", "getSoTimeout()",
			"getTcpNoDelay()", "getTrafficClass()", "isBound()", "isClosed()", "isConnected()", "isInputShutdown()",
			"isOutputShutdown()", "sendUrgentData(int)", "setKeepAlive(boolean)", "setOOBInline(boolean)",
			"setOption(SocketOption,Object)", "setPerformancePreferences(int,int,int)", "setReceiveBufferSize(int)",
			"setReuseAddress(boolean)", "setSendBufferSize(int)", "setSoLinger(boolean,int)", "setSoTimeout(int)",
			"setTcpNoDelay(boolean)", "setTrafficClass(int)", "shutdownInput()", "shutdownOutput()",
			"supportedOptions()", "toString()");

	/**
	 * Methods of {@link SocketImpl} that only return its fields, or do nothing.
	 */
	private static final Set<String> INHERITED = Set.of("getFileDescriptor()", "getInetAddress()", "getLocalPort()",
			"getPort()", "setPerformancePreferences(int,int,int)", "toString()");

	/**
	 * Methods of {@link Socket} that the parking socket changes.
	 */
	private static final Set<String> PARKING = Set.of("close()", "connect(SocketAddress,int)", "getInputStream()",
			"getOutputStream()", "getSoTimeout()", "setSoTimeout(int)");

	@Test
	void methodsOfSocketAreKnown() {
		assertThat(methods(Socket.class, Modifier::isPublic)).containsExactlyInAnyOrderElementsOf(SOCKET);
	}

	@Test
	void cooperativeSocketLeavesAllOfThemToItsImplementation() {
		assertThat(methodsOfSocket(CooperativeSocket.class)).isEmpty();
	}

	@Test
	void implementationHasAllMethodsOfSocketImpl() {
		Set<String> required = methods(SocketImpl.class,
				(modifiers) -> Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers));
		required.addAll(methods(java.net.SocketOptions.class, Modifier::isPublic));
		required.removeAll(INHERITED);
		assertThat(methods(ChannelSocketImpl.class, (modifiers) -> !Modifier.isPrivate(modifiers)))
			.containsAll(required);
	}

	@Test
	void parkingSocketChangesOnlyWhatWaits() {
		assertThat(methodsOfSocket(ParkingSocket.class)).containsExactlyInAnyOrderElementsOf(PARKING);
	}

	private static Set<String> methodsOfSocket(Class<? extends DriverSocket> type) {
		Set<String> methods = methods(type, Modifier::isPublic);
		methods.removeAll(methods(DriverSocket.class, Modifier::isPublic));
		return methods;
	}

	private static Set<String> methods(Class<?> type, Predicate<Integer> modifiers) {
		return Stream.of(type.getDeclaredMethods())
			.filter((method) -> !method.isSynthetic() && !Modifier.isStatic(method.getModifiers()))
			.filter((method) -> modifiers.test(method.getModifiers()))
			.map(SocketMethodsTests::signature)
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static String signature(Method method) {
		return method.getName() + Arrays.stream(method.getParameterTypes())
			.map(Class::getSimpleName)
			.collect(Collectors.joining(",", "(", ")"));
	}

}
