package com.example.library.status;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.cooperativejdbc.spring.test.TestPostgresql;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The start page in a browser: Chromium, as {@code apt install chromium chromium-driver}
 * brings it.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@Import(TestPostgresql.class)
class LivePageTests {

	private static final Path BROWSER = Path.of("/usr/bin/chromium");

	private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

	@LocalServerPort
	private int port;

	@Autowired
	private LiveModels models;

	private ChromeDriver browser;

	/**
	 * The figures of a model before the test.
	 */
	private Map<String, LiveModel.Figures> before;

	@BeforeEach
	void openPage() {
		assumeTrue(Files.isExecutable(BROWSER) && Files.isExecutable(DRIVER),
				"needs Chromium: apt install chromium chromium-driver");
		this.before = this.models.figures().stream().collect(Collectors.toMap(LiveModel.Figures::model, (it) -> it));
		ChromeOptions options = new ChromeOptions();
		options.setBinary(BROWSER.toFile());
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu");
		this.browser = new ChromeDriver(
				new ChromeDriverService.Builder().usingDriverExecutable(DRIVER.toFile()).build(), options);
		this.browser.get("http://localhost:" + this.port + "/");
	}

	@AfterEach
	void closeBrowser() {
		if (this.browser != null) {
			this.browser.quit();
		}
	}

	@Test
	void queriesRunInEachModelUntilAllAreAnswered() {
		start(40, "0.2");
		for (String model : List.of("platform", "virtual", "event-loop")) {
			await().atMost(Duration.ofSeconds(30)).until(() -> answered(model), (count) -> count >= 40);
			await().until(() -> progress(model), "1"::equals);
		}
		assertThat(figure("platform", "threads")).isGreaterThanOrEqualTo(40);
		assertThat(figure("event-loop", "threads")).isPositive().isLessThan(20);
		await().until(() -> this.browser.findElement(By.id("summary")).getText(), (text) -> text.startsWith("Done."));
		await().until(() -> drawn("throughput") && drawn("latency"));
	}

	@Test
	void interruptCancelsStatementsAndKeepsConnections() {
		start(10, "5");
		for (String model : List.of("virtual", "event-loop")) {
			await().atMost(Duration.ofSeconds(30)).until(() -> figure(model, "active"), (count) -> count == 10);
		}
		this.browser.findElement(By.id("interrupt")).click();
		for (String model : List.of("virtual", "event-loop")) {
			await().atMost(Duration.ofSeconds(3)).until(() -> figure(model, "canceled") - this.before.get(model).canceled(), (count) -> count == 10);
			assertThat(figure(model, "failed")).isEqualTo((int) this.before.get(model).failed());
		}
		start(20, "0");
		for (String model : List.of("virtual", "event-loop")) {
			await().atMost(Duration.ofSeconds(30)).until(() -> answered(model), (count) -> count == 20);
			assertThat(figure(model, "connections")).isLessThanOrEqualTo(10);
		}
	}

	@Test
	void overloadIsRefusedWithRetryAfter() {
		this.browser.findElement(By.id("overload")).click();
		await().atMost(Duration.ofSeconds(30))
			.until(() -> overload("served") + overload("refused"), (count) -> count == overload("sent") && count > 0);
		assertThat(overload("refused")).isPositive().isEqualTo(overload("retryAfter"));
		assertThat(overload("served")).isPositive();
	}

	@Test
	void keyboardReachesEachControl() {
		WebElement body = this.browser.findElement(By.tagName("body"));
		body.sendKeys(Keys.TAB);
		List<String> reached = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			WebElement focused = this.browser.switchTo().activeElement();
			reached.add(focused.getTagName() + " " + focused.getAccessibleName());
			focused.sendKeys(Keys.TAB);
		}
		assertThat(reached).containsExactly("input Queries at once", "input of seconds", "button Start",
				"button Interrupt all", "button Overload");
	}

	@Test
	void narrowScreenNeedsNoSidewaysScrolling() {
		this.browser.manage().window().setSize(new Dimension(360, 800));
		assertThat(script("return document.documentElement.scrollWidth <= window.innerWidth")).isEqualTo(true);
	}

	private void start(int count, String seconds) {
		enter("count", Integer.toString(count));
		enter("seconds", seconds);
		this.browser.findElement(By.cssSelector("#queries button[type=submit]")).click();
	}

	private void enter(String name, String value) {
		WebElement input = this.browser.findElement(By.name(name));
		input.clear();
		input.sendKeys(value);
	}

	private int figure(String model, String figure) {
		return number("[data-model=" + model + "] [data-figure=" + figure + "]");
	}

	private long answered(String model) {
		return figure(model, "answered") - this.before.get(model).answered();
	}

	private String progress(String model) {
		return this.browser.findElement(By.cssSelector("[data-model=" + model + "] progress")).getDomProperty("value");
	}

	private int overload(String figure) {
		return number("#overload-figures [data-figure=" + figure + "]");
	}

	private int number(String selector) {
		return Integer.parseInt(this.browser.findElement(By.cssSelector(selector)).getText());
	}

	/**
	 * Return whether there is a line in a chart.
	 */
	private boolean drawn(String chart) {
		return (Boolean) script("""
				const canvas = document.querySelector('#%s canvas');
				const colors = ['--first', '--second', '--third'].map((name) => getComputedStyle(document.documentElement)
						.getPropertyValue(name).trim()).map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
				const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
				for (let i = 0; i < data.length; i += 4) {
					if (colors.some((color) => color.every((value, j) => data[i + j] === value))) {
						return true;
					}
				}
				return false;
				""".formatted(chart));
	}

	private Object script(String script) {
		return ((JavascriptExecutor) this.browser).executeScript(script);
	}

}
