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

package org.cooperativejdbc.test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for {@code localhost}, signed by itself, that the {@code keytool} of the
 * JDK makes once for all tests.
 */
public final class TestCertificate {

	private static final char[] PASSWORD = "changeit".toCharArray();

	private static final String ALIAS = "test";

	private final KeyStore keyStore;

	private final SSLContext context;

	private TestCertificate() {
		try {
			this.keyStore = generate();
			this.context = context(this.keyStore);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public static TestCertificate instance() {
		return Holder.instance;
	}

	private static KeyStore generate() throws IOException, GeneralSecurityException {
		Path directory = Files.createTempDirectory("certificate");
		Path file = directory.resolve("test.p12");
		try {
			keytool("-genkeypair", "-alias", ALIAS, "-keyalg", "EC", "-groupname", "secp256r1", "-dname",
					"CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1", "-ext", "bc:c=ca:true", "-validity", "2",
					"-storetype", "PKCS12", "-keystore", file.toString(), "-storepass", new String(PASSWORD));
			KeyStore keyStore = KeyStore.getInstance("PKCS12");
			try (InputStream in = Files.newInputStream(file)) {
				keyStore.load(in, PASSWORD);
			}
			return keyStore;
		}
		finally {
			Files.deleteIfExists(file);
			Files.deleteIfExists(directory);
		}
	}

	private static void keytool(String... arguments) throws IOException {
		Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
		String[] command = new String[arguments.length + 1];
		command[0] = tool.toString();
		System.arraycopy(arguments, 0, command, 1, arguments.length);
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		ByteArrayOutputStream output = new ByteArrayOutputStream();
		process.getInputStream().transferTo(output);
		try {
			if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
				throw new IOException("keytool failed: " + output);
			}
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
	}

	private static SSLContext context(KeyStore keyStore) throws GeneralSecurityException {
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(keyStore, PASSWORD);
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trust.init(anchors(keyStore));
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
		return context;
	}

	private static KeyStore anchors(KeyStore keyStore) throws GeneralSecurityException {
		KeyStore anchors = KeyStore.getInstance("PKCS12");
		try {
			anchors.load(null, null);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		anchors.setCertificateEntry(ALIAS, keyStore.getCertificate(ALIAS));
		return anchors;
	}

	/**
	 * Return a context that presents this certificate and trusts it.
	 */
	public SSLContext context() {
		return this.context;
	}

	/**
	 * Write the certificate as PEM.
	 */
	public Path writeCertificate(Path file) throws IOException {
		try {
			return Files.writeString(file, pem("CERTIFICATE", this.keyStore.getCertificate(ALIAS).getEncoded()));
		}
		catch (GeneralSecurityException ex) {
			throw new IOException(ex);
		}
	}

	/**
	 * Write the certificate as what clients trust, with the password {@code changeit}.
	 */
	public Path writeTrustStore(Path file) throws IOException {
		try (OutputStream out = Files.newOutputStream(file)) {
			anchors(this.keyStore).store(out, PASSWORD);
			return file;
		}
		catch (GeneralSecurityException ex) {
			throw new IOException(ex);
		}
	}

	/**
	 * Write the private key as PEM, readable by the owner only.
	 */
	public Path writeKey(Path file) throws IOException {
		try {
			Files.writeString(file, pem("PRIVATE KEY", this.keyStore.getKey(ALIAS, PASSWORD).getEncoded()));
			return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
		}
		catch (GeneralSecurityException ex) {
			throw new IOException(ex);
		}
	}

	private static String pem(String type, byte[] encoded) {
		String text = Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(encoded);
		return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
	}

	private static final class Holder {

		static final TestCertificate instance = new TestCertificate();

	}

}
