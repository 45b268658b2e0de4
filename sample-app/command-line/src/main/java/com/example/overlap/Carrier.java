package com.example.overlap;

/**
 * Name of the platform thread that runs the current thread.
 */
final class Carrier {

	private Carrier() {
	}

	static String current() {
		Thread thread = Thread.currentThread();
		return thread.isVirtual() ? of(thread.toString()) : thread.getName();
	}

	/**
	 * Read the carrier from the likes of
	 * {@code VirtualThread[#31,task-1]/runnable@ForkJoinPool-1-worker-1}.
	 * @param virtualThread what the virtual thread says about itself
	 * @return the name of its carrier
	 */
	static String of(String virtualThread) {
		return virtualThread.substring(virtualThread.indexOf('@', virtualThread.lastIndexOf("]/")) + 1);
	}

}
