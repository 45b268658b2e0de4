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

package org.cooperativejdbc;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What was detected, installed and tuned in an application. May be used by any thread. A
 * data source is added when it is created.
 *
 * @since 0.1.0
 */
public final class CooperativeJdbc {

	private final ConcurrencyModel model;

	private final String reason;

	private final Map<String, String> dataSources = Collections.synchronizedMap(new LinkedHashMap<>());

	private final List<Tuning> tunings = new CopyOnWriteArrayList<>();

	private final CopyOnWriteArrayList<Finding> findings = new CopyOnWriteArrayList<>();

	/**
	 * Create a new description.
	 * @param model the concurrency model of the application
	 * @param reason why it is this model
	 */
	public CooperativeJdbc(ConcurrencyModel model, String reason) {
		this.model = model;
		this.reason = reason;
	}

	/**
	 * Return the concurrency model of the application.
	 * @return the model
	 */
	public ConcurrencyModel model() {
		return this.model;
	}

	/**
	 * Return why the application has this concurrency model.
	 * @return the reason, as it is logged
	 */
	public String reason() {
		return this.reason;
	}

	/**
	 * Return what was done to each data source.
	 * @return a copy, by bean name, in the order of creation
	 */
	public Map<String, String> dataSources() {
		synchronized (this.dataSources) {
			return new LinkedHashMap<>(this.dataSources);
		}
	}

	/**
	 * Return the settings that were changed because the user left them unset.
	 * @return a copy, in the order in which they were made
	 */
	public List<Tuning> tunings() {
		return List.copyOf(this.tunings);
	}

	/**
	 * Add what was done to a data source.
	 * @param beanName the name of its bean
	 * @param outcome what was done
	 */
	public void dataSource(String beanName, String outcome) {
		this.dataSources.put(beanName, outcome);
	}

	/**
	 * Add a setting that was changed.
	 * @param tuning the setting
	 */
	public void tuned(Tuning tuning) {
		this.tunings.add(tuning);
	}

	/**
	 * Return the settings that do not fit the concurrency model.
	 * @return a copy, in the order in which it was found
	 */
	public List<Finding> findings() {
		return List.copyOf(this.findings);
	}

	/**
	 * Add a finding, unless it was added before.
	 * @param finding what was found
	 */
	public void found(Finding finding) {
		this.findings.addIfAbsent(finding);
	}

	/**
	 * A setting that was changed because the user left it unset.
	 *
	 * @param target the name of the bean it was set on
	 * @param setting the name of the setting
	 * @param value the value it was given
	 * @param reason why
	 */
	public record Tuning(String target, String setting, String value, String reason) {

		@Override
		public String toString() {
			return this.target + ": " + this.setting + "=" + this.value + " (" + this.reason + ")";
		}

	}

}
