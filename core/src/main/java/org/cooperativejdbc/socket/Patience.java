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

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.jfr.FlightRecorder;
import org.cooperativejdbc.socket.StatementCanceller.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * How long a thread goes on waiting in an operation on a socket: as long as it is not
 * interrupted and its deadline has not passed. Then the statement is canceled, and its
 * answer waited for during the grace period; a COMMIT is waited for as long as the server
 * answers others. Where there are no statements, a wait ends at once. Used by one thread
 * at a time.
 * <p>
 * A wait that went wrong must never leave a connection that looks healthy but is out of
 * step with the server: whatever is thrown closes the socket.
 * <p>
 * The interrupt status is cleared while the thread waits, because a thread whose status
 * is set cannot park, and set again when the operation has ended.
 */
final class Patience {

	private final WaitSettings settings;

	private final @Nullable AnsweredInterrupt answered;

	private final Closeable socket;

	private volatile @Nullable StatementCanceller canceller;

	private boolean interrupted;

	private boolean interruptCancels;

	private @Nullable Exchange exchange; // once it is given up

	private long end; // of the grace period

	private @Nullable Cancellation cancellation;

	/**
	 * Whether the server answers others, asked when the grace period of a COMMIT is over,
	 * and again for as long as it does.
	 */
	private @Nullable CompletableFuture<Boolean> answering;

	private boolean unanswered;

	private FlightRecorder.@Nullable Cancel recorded;

	/**
	 * Create a new instance.
	 * @param answered where to note that an interrupt has canceled a statement, or
	 * {@code null} where the statement is still being sent, so that it is not certain
	 * @param socket closes the socket
	 */
	Patience(WaitSettings settings, @Nullable AnsweredInterrupt answered, @Nullable StatementCanceller canceller,
			Closeable socket) {
		this.settings = settings;
		this.socket = socket;
		this.answered = answered;
		this.canceller = canceller;
	}

	void cancelWith(StatementCanceller canceller) {
		this.canceller = canceller;
	}

	/**
	 * Clear the interrupt status and return how long to wait, before each wait.
	 * @param interruptible whether an interrupt counts
	 * @return nanoseconds, or {@link WaitStrategy#NO_TIMEOUT}
	 * @throws SocketException if there is nothing more to wait for
	 * @throws SocketTimeoutException if the deadline has passed and there is nothing to
	 * cancel
	 */
	long beforeWait(boolean interruptible) throws SocketException, SocketTimeoutException {
		try {
			return left(interruptible);
		}
		catch (SocketException | SocketTimeoutException ex) {
			closeAfter(ex);
			throw ex;
		}
		catch (Throwable ex) {
			throw failed(ex);
		}
	}

	private long left(boolean interruptible) throws SocketException, SocketTimeoutException {
		if (closesOnInterrupt() && Thread.currentThread().isInterrupted()) {
			throw new SocketException("Closed by interrupt");
		}
		if (Thread.interrupted() && counts(interruptible)) {
			this.interruptCancels = true;
			giveUp("Closed by interrupt");
		}
		if (this.exchange == null) {
			Deadline deadline = this.settings.deadline();
			long left = (deadline != null) ? deadline.leftNanos() : WaitStrategy.NO_TIMEOUT;
			if (left > 0) {
				return left;
			}
			if (!this.settings.hasStatements()) {
				throw new SocketTimeoutException("Closed at the deadline");
			}
			giveUp("Closed at the deadline");
		}
		return graceLeft();
	}

	/**
	 * Return whether an interrupt of the current thread closes the socket. As on the
	 * JDK's socket, only virtual threads are interruptible then.
	 */
	private boolean closesOnInterrupt() {
		return this.settings.interruptPolicy() == InterruptPolicy.CLOSE && Thread.currentThread().isVirtual();
	}

	private boolean counts(boolean interruptible) {
		boolean first = !this.interrupted;
		this.interrupted = true;
		return interruptible && this.settings.interruptPolicy() == InterruptPolicy.CANCEL
				&& !(first && this.answered != null && this.answered.isRemembered());
	}

	private void giveUp(String message) throws SocketException {
		if (this.exchange != null) {
			return;
		}
		StatementCanceller canceller = this.canceller;
		Exchange exchange = (canceller != null) ? canceller.exchange() : Exchange.HOUSEKEEPING;
		if (exchange == Exchange.NOTHING) {
			throw new SocketException(message);
		}
		this.end = System.nanoTime() + this.settings.graceNanos();
		if (exchange == Exchange.STATEMENT && canceller != null) {
			this.cancellation = new Cancellation(canceller, this.settings);
			this.settings.figures().canceled(cause());
			this.recorded = FlightRecorder.beginCancel();
		}
		this.exchange = exchange;
	}

	private String cause() {
		return this.interruptCancels ? WaitFigures.INTERRUPT : WaitFigures.DEADLINE;
	}

	private long graceLeft() throws SocketException {
		long left = this.end - System.nanoTime();
		if (left > 0) {
			return left;
		}
		if (this.exchange == Exchange.COMMIT && (this.answering == null || this.answering.getNow(false))) {
			long nanos = this.settings.answerNanos();
			this.answering = askServer(Duration.ofNanos(nanos));
			this.end = System.nanoTime() + nanos;
			return nanos;
		}
		unanswered();
		throw new UnansweredException(
				this.interruptCancels ? "Closed after an interrupt: the server has not answered in time"
						: "Closed after the deadline: the server has not answered in time");
	}

	/**
	 * A server that cannot be asked is taken to answer.
	 */
	private CompletableFuture<Boolean> askServer(Duration timeout) {
		StatementCanceller canceller = this.canceller;
		if (canceller == null) {
			return CompletableFuture.completedFuture(true);
		}
		try {
			return CompletableFuture
				.supplyAsync(() -> canceller.isServerAnswering(timeout),
						(task) -> this.settings.cancelThreads().newThread(task).start())
				.exceptionally((ex) -> true);
		}
		catch (OutOfMemoryError ex) {
			return CompletableFuture.completedFuture(true);
		}
	}

	/**
	 * Close the socket, because a wait went wrong.
	 * @return what to throw
	 */
	SocketException failed(Throwable ex) {
		SocketException failure = new SocketException("Wait failed, socket closed: " + ex, ex);
		closeAfter(failure);
		return failure;
	}

	private void closeAfter(@Nullable Exception failure) {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			if (failure != null) {
				failure.addSuppressed(ex);
			}
		}
	}

	/**
	 * End the operation: see that no cancel request meets a later statement, for which
	 * the socket is closed if one is still under way after the grace period, and set the
	 * interrupt status again.
	 * @param open whether there can be a later statement
	 */
	void end(boolean open) {
		boolean ended = true;
		Cancellation cancellation = this.cancellation;
		if (cancellation != null) {
			ended = cancellation.end(open ? Math.max(0, this.end - System.nanoTime()) : 0) || !open;
			if (this.interruptCancels && this.answered != null && cancellation.isRequested()) {
				this.answered.remember();
			}
			this.cancellation = null;
			if (!ended) {
				unanswered();
			}
			recordCancellation(open && ended);
		}
		this.exchange = null;
		this.answering = null;
		this.unanswered = false;
		this.interruptCancels = false;
		if (this.interrupted) {
			this.interrupted = false;
			Thread.currentThread().interrupt();
		}
		if (!ended) {
			closeAfter(null);
		}
	}

	private void unanswered() {
		if (!this.unanswered) {
			this.unanswered = true;
			this.settings.figures().closedUnanswered();
		}
	}

	private void recordCancellation(boolean answered) {
		FlightRecorder.Cancel recorded = this.recorded;
		if (recorded != null) {
			this.recorded = null;
			recorded.ended(cause(), answered);
		}
	}

}
