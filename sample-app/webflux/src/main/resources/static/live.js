'use strict';

const SECONDS = 60;
const cards = [...document.querySelectorAll('[data-model]')];
const summary = document.getElementById('summary');
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const show = (parent, figure, value) => parent.querySelector(`[data-figure=${figure}]`).textContent = value;

class Chart {

  constructor(element) {
    this.element = element;
    this.data = [[], ...cards.map(() => [])];
    this.draw();
    new ResizeObserver(() => this.plot.setSize(this.size())).observe(element);
  }

  size() {
    return { width: this.element.clientWidth, height: 180 };
  }

  draw() {
    this.plot?.destroy();
    const axis = { stroke: color('--soft'), grid: { stroke: color('--line') } };
    const colors = ['--first', '--second', '--third'];
    this.plot = new uPlot({
      ...this.size(),
      scales: { y: { range: (plot, min, max) => [0, Math.max(max, 1)] } },
      axes: [axis, { ...axis, size: 45 }],
      series: [{}, ...cards.map((card, i) => ({ label: card.dataset.model, stroke: color(colors[i]), width: 2 }))],
      legend: { show: false },
      cursor: { show: false }
    }, this.data, this.element);
  }

  add(time, values) {
    this.data[0].push(time);
    values.forEach((value, i) => this.data[i + 1].push(value));
    while (this.data[0][0] < time - SECONDS) {
      this.data.forEach((series) => series.shift());
    }
    this.plot.setData(this.data);
  }

}

const throughput = new Chart(document.getElementById('throughput'));
const latency = new Chart(document.getElementById('latency'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  throughput.draw();
  latency.draw();
});

const SAMPLES_A_SECOND = 4;
const history = [];
let first = new Map();
let busy = false;

function receive(figures) {
  const time = Date.now() / 1000;
  figures.models.forEach((model, i) => {
    for (const figure of ['threads', 'active', 'waiting', 'answered', 'canceled', 'failed', 'connections']) {
      show(cards[i], figure, model[figure]);
    }
    const done = model.requested - model.unfinished;
    if (model.unfinished === 0 || !first.has(model.model)) {
      first.set(model.model, done);
    }
    const start = first.get(model.model);
    const progress = cards[i].querySelector('progress');
    progress.value = model.unfinished === 0 ? (model.requested > 0 ? 1 : 0) : (done - start) / (model.requested - start);
  });
  for (const figure of ['sent', 'served', 'refused', 'retryAfter', 'failed']) {
    show(document.getElementById('overload-figures'), figure, figures.overload[figure]);
  }
  if (history.length > 0) {
    const before = history[0];
    const change = (figure) => figures.models.map((model, i) => model[figure] - before.figures.models[i][figure]);
    const answered = change('answered');
    throughput.add(time, answered.map((count) => count / (time - before.time)));
    latency.add(time, change('seconds').map((seconds, i) => answered[i] > 0 ? seconds / answered[i] : null));
  }
  history.push({ time, figures });
  if (history.length > SAMPLES_A_SECOND) {
    history.shift();
  }
  const running = figures.models.some((model) => model.unfinished > 0);
  if (running !== busy) {
    busy = running;
    summary.textContent = running ? 'Queries are running.'
      : 'Done. ' + figures.models.map((model) => `${model.model}: ${model.answered} answered, ${model.canceled} canceled, ${model.threads} platform threads`).join('; ') + '.';
  }
}

const source = new EventSource('live');
source.onmessage = (event) => {
  document.body.classList.remove('stale');
  receive(JSON.parse(event.data));
};
source.onerror = () => {
  document.body.classList.add('stale');
  summary.textContent = 'The application does not answer.';
};

const post = (uri) => fetch(uri, { method: 'POST' }).then((response) => {
  if (!response.ok) {
    summary.textContent = `The application answered ${response.status}.`;
  }
}).catch(() => { });

document.getElementById('queries').addEventListener('submit', (event) => {
  event.preventDefault();
  post('live/queries?' + new URLSearchParams(new FormData(event.target)));
});
document.getElementById('interrupt').addEventListener('click', () => post('live/interrupt'));
document.getElementById('overload').addEventListener('click', () => post('live/overload'));
