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

package org.cooperativejdbc.benchmark.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.Paint;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.NumberFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import org.cooperativejdbc.benchmark.Measurement;
import org.cooperativejdbc.benchmark.MeasurementFile;
import org.cooperativejdbc.benchmark.Spread;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.DefaultCategoryDataset;
import picocli.CommandLine.Command;

/**
 * Draws the medians of each load: processor time, throughput and tail, one below the
 * other, with the figure beside each bar so that nothing has to be read off an axis.
 */
@Command(description = "Draws what the other commands have measured.")
public final class Charts implements Callable<Integer> {

	private static final int WIDTH = 860;

	private static final RectangleInsets PADDING = new RectangleInsets(0, 0, 0, 20);

	private static final int BAR_HEIGHT = 26;

	private static final int MARGIN_HEIGHT = 105;

	private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 13);

	private static final Font LABEL = new Font(Font.SANS_SERIF, Font.PLAIN, 11);

	private static final Color HIGHLIGHT = new Color(0x1B7F4B);

	private static final Color PLAIN = new Color(0x9AA5B1);

	private static final Pattern OURS = Pattern.compile("event-loop|netty-loop|parking|starter");

	private static final List<Panel> PANELS = List.of(
			new Panel("processor time of the client per operation, µs (less is better)", "#,##0.0",
					Measurement::cpuMicros),
			new Panel("operations per second (more is better)", "#,##0", Measurement::opsPerSecond),
			new Panel("99 % of the operations took at most this many ms (less is better)", "#,##0.0",
					Measurement::p99Millis));

	private final Path directory;

	/**
	 * Create the command.
	 * @param directory where the files are, and the charts will be
	 */
	public Charts(Path directory) {
		this.directory = directory;
	}

	@Override
	public Integer call() throws IOException {
		try (DirectoryStream<Path> files = Files.newDirectoryStream(this.directory,
				"{driver,driver-tls,http,http-tls,overload,overload-tls,startup}.csv")) {
			for (Path file : files) {
				Map<String, List<Measurement>> loads = MeasurementFile.read(file)
					.stream()
					.collect(Collectors.groupingBy(Charts::load, LinkedHashMap::new, Collectors.toList()));
				for (Map.Entry<String, List<Measurement>> load : loads.entrySet()) {
					draw(load.getKey(), load.getValue());
				}
			}
		}
		return 0;
	}

	private static String load(Measurement measurement) {
		return "%s-%d-%dms".formatted(measurement.scenario(), measurement.concurrency(), measurement.latencyMillis());
	}

	private void draw(String load, List<Measurement> measurements) throws IOException {
		Measurement first = measurements.get(0);
		String title = "%s, %d clients, %d ms in the server: ".formatted(first.scenario(), first.concurrency(),
				first.latencyMillis());
		Map<String, List<Measurement>> variants = measurements.stream()
			.collect(Collectors.groupingBy(Measurement::variant, LinkedHashMap::new, Collectors.toList()));
		int height = MARGIN_HEIGHT + BAR_HEIGHT * variants.size();
		VectorGraphics2D graphics = new VectorGraphics2D();
		for (Panel panel : PANELS) {
			panel.chart(title, variants).draw(graphics, new Rectangle(WIDTH, height));
			graphics.translate(0, height);
		}
		Path file = this.directory.resolve(load + ".svg");
		try (OutputStream out = Files.newOutputStream(file)) {
			new SVGProcessor().getDocument(graphics.getCommands(), new PageSize(WIDTH, height * PANELS.size()))
				.writeTo(out);
		}
		System.out.println(file);
	}

	private record Panel(String title, String format, ToDoubleFunction<Measurement> column) {

		JFreeChart chart(String load, Map<String, List<Measurement>> variants) {
			DefaultCategoryDataset dataset = new DefaultCategoryDataset();
			variants.forEach((variant, measurements) -> dataset.addValue(Spread.of(measurements, this.column).median(),
					this.title, variant));
			JFreeChart chart = ChartFactory.createBarChart(load + this.title, null, null, dataset,
					PlotOrientation.HORIZONTAL, false, false, false);
			chart.setPadding(PADDING);
			chart.getTitle().setFont(TITLE);
			chart.addSubtitle(new TextTitle("green: Cooperative JDBC", LABEL));
			CategoryPlot plot = chart.getCategoryPlot();
			plot.setBackgroundPaint(Color.WHITE);
			plot.setOutlineVisible(false);
			plot.getRangeAxis().setUpperMargin(0.12);
			plot.getRangeAxis().setTickLabelFont(LABEL);
			plot.getDomainAxis().setTickLabelFont(LABEL);
			plot.setRenderer(new VariantRenderer(dataset,
					new DecimalFormat(this.format, DecimalFormatSymbols.getInstance(Locale.ROOT))));
			return chart;
		}

	}

	/**
	 * Writes the figure beside each bar, and sets off those that are ours.
	 */
	private static final class VariantRenderer extends BarRenderer {

		private final transient DefaultCategoryDataset dataset;

		private VariantRenderer(DefaultCategoryDataset dataset, NumberFormat format) {
			this.dataset = dataset;
			setBarPainter(new StandardBarPainter());
			setShadowVisible(false);
			setMaximumBarWidth(0.2);
			setDefaultItemLabelsVisible(true);
			setDefaultItemLabelFont(LABEL);
			setDefaultPositiveItemLabelPosition(
					new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
			setDefaultItemLabelGenerator(new StandardCategoryItemLabelGenerator("{2}", format));
		}

		@Override
		public Paint getItemPaint(int row, int column) {
			return OURS.matcher(this.dataset.getColumnKey(column).toString()).find() ? HIGHLIGHT : PLAIN;
		}

	}

}
