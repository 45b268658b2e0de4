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

package org.cooperativejdbc.pool;

import java.lang.management.ManagementFactory;

import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;

import com.zaxxer.hikari.HikariPoolMXBean;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * HikariCP's management bean of a pool, which also counts the threads that wait in the
 * queue.
 *
 * @param pool the pool
 * @param queue the queue in front of it
 */
record QueueMXBean(HikariPoolMXBean pool, PoolQueue queue) implements HikariPoolMXBean {

	private static final Log logger = LogFactory.getLog(QueueMXBean.class);

	/**
	 * Take the place of the bean that HikariCP has registered, which then unregisters
	 * this one.
	 */
	static void register(CooperativeDataSource dataSource, PoolQueue queue) {
		if (!dataSource.isRegisterMbeans()) {
			return;
		}
		try {
			boolean second = "true".equals(System.getProperty("hikaricp.jmx.register2.0"));
			ObjectName name = new ObjectName("com.zaxxer.hikari:type=Pool"
					+ (second ? ",name=" + dataSource.getPoolName() : " (" + dataSource.getPoolName() + ")"));
			MBeanServer server = ManagementFactory.getPlatformMBeanServer();
			if (server.isRegistered(name) && !server.isInstanceOf(name, StandardMBean.class.getName())) {
				server.unregisterMBean(name);
				server.registerMBean(new StandardMBean(new QueueMXBean(dataSource.getHikariPoolMXBean(), queue),
						HikariPoolMXBean.class, true), name);
			}
		}
		catch (JMException | RuntimeException ex) {
			logger.debug("Management bean does not count the threads that wait in the queue", ex);
		}
	}

	@Override
	public int getIdleConnections() {
		return this.pool.getIdleConnections();
	}

	@Override
	public int getActiveConnections() {
		return this.pool.getActiveConnections();
	}

	@Override
	public int getTotalConnections() {
		return this.pool.getTotalConnections();
	}

	@Override
	public int getThreadsAwaitingConnection() {
		return this.pool.getThreadsAwaitingConnection() + this.queue.waiting();
	}

	@Override
	public void softEvictConnections() {
		this.pool.softEvictConnections();
	}

	@Override
	public void suspendPool() {
		this.pool.suspendPool();
	}

	@Override
	public void resumePool() {
		this.pool.resumePool();
	}

}
