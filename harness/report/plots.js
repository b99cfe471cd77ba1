// The metrics as step lines, by uPlot; they follow the same View as the lanes, and a drag in one
// zooms all.

const kDashes = [[], [6, 3], [2, 3], [9, 3, 2, 3], [12, 4], [4, 2, 1, 2]];

function seriesColor(index) {
  return getComputedStyle(document.documentElement).getPropertyValue("--series-" + index % 6).trim();
}
function themeColor(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

const valueText = (value) => value === null || value === undefined ? "no sample"
  : Number.isInteger(value) ? String(value) : value.toPrecision(4).replace(/\.?0+$/, "");

// "0, from +0.6 s 1, from +7.1 s 0": a step line read aloud.
function inWords(series) {
  const steps = [];
  let last;
  series.values.forEach((value, index) => {
    if (value === last) return;
    last = value;
    steps.push((steps.length ? "from " + when(series.times[index]) + " " : "") + valueText(value));
  });
  const most = 12;
  return steps.slice(0, most).join(", ") +
    (steps.length > most ? ", and " + plural(steps.length - most, "more change") : "");
}

function joined(plot) {
  const tables = plot.series.map((series) => [series.times.map((time) => time / 1000), series.values]);
  return tables.length === 1 ? tables[0] : uPlot.join(tables);
}

class PlotPanel {
  constructor(plot, view) {
    this.plot = plot;
    this.view = view;
    this.values = [];
    this.box = element("div", {class: "plot-box"});
    this.node = this.make();
    view.follow(() => this.follow());
    new ResizeObserver(() => this.resize()).observe(this.box);
  }

  make() {
    const plot = this.plot;
    const because = plot.because.length ? "asked for by " + plot.because.join(", ") : "shown for every run";
    const legend = plot.series.map((series, index) => {
      const value = element("span", {class: "value"});
      this.values.push(value);
      const dash = kDashes[index % 6].join(" ");
      return element("li", {},
        drawing("svg", {width: 34, height: 10, "aria-hidden": "true"}, drawing("path", {d: "M1,5 H33",
          class: "swatch", style: `stroke: var(--series-${index % 6}); stroke-dasharray: ${dash || "none"}`})),
        element("span", {}, series.label), value);
    });
    return element("figure", {class: "plot"},
      element("figcaption", {}, element("code", {}, plot.metric), element("span", {class: "note"}, because)),
      element("ul", {class: "legend", "aria-label": "Series of " + plot.metric}, legend),
      this.box,
      plot.series_left_out ? element("p", {class: "note"}, plural(plot.series_left_out, "series", "series") +
        " not drawn") : null,
      element("details", {}, element("summary", {}, "In words"), element("ul", {class: "words"},
        plot.series.map((series) => element("li", {}, element("b", {}, series.label), ": " + inWords(series))))));
  }

  options() {
    const axis = {stroke: themeColor("muted"), grid: {stroke: themeColor("line"), width: 1},
      ticks: {stroke: themeColor("line"), width: 1}, font: "12px system-ui, sans-serif"};
    return {
      width: this.box.clientWidth, height: 150, legend: {show: false}, padding: [8, 14, 0, 0],
      cursor: {drag: {x: true, y: false, setScale: false}, sync: {key: "run"}, points: {size: 6}},
      scales: {x: {time: false, range: () => [this.view.begin / 1000, this.view.end / 1000]},
        y: {range: (self, low, high) => niceRange(low, high)}},
      axes: [{...axis, size: 34, values: (self, ticks) => ticks.map((tick) => "+" + tick + " s")},
        {...axis, size: 52, values: (self, ticks) => ticks.map(shortNumber)}],
      series: [{}, ...this.plot.series.map((series, index) => ({label: series.label,
        stroke: seriesColor(index), width: 2 + 1.5 * Math.min(3, this.plot.series.length - 1 - index), dash: kDashes[index % 6], points: {show: false},
        paths: uPlot.paths.stepped({align: 1})}))],
      hooks: {
        setSelect: [(self) => {
          if (self.select.width < 8) return;
          this.view.set(self.posToVal(self.select.left, "x") * 1000,
            self.posToVal(self.select.left + self.select.width, "x") * 1000);
          self.setSelect({left: 0, width: 0}, false);
        }],
        setCursor: [(self) => this.showValues(self)],
        draw: [(self) => this.drawMoment(self)],
      },
    };
  }

  drawMoment(self) {
    const moment = this.view.moment;
    if (!moment || moment.at < this.view.begin || moment.at > this.view.end) return;
    const x = self.valToPos(moment.at / 1000, "x", true);
    self.ctx.save();
    self.ctx.strokeStyle = themeColor("accent");
    self.ctx.setLineDash([]);
    self.ctx.lineWidth = 2 * devicePixelRatio;
    self.ctx.beginPath();
    self.ctx.moveTo(x, self.bbox.top);
    self.ctx.lineTo(x, self.bbox.top + self.bbox.height);
    self.ctx.stroke();
    self.ctx.restore();
  }

  showValues(self) {
    const at = self.cursor.left >= 0 ? self.posToVal(self.cursor.left, "x") * 1000 : null;
    this.plot.series.forEach((series, index) => {
      this.values[index].textContent = at === null ? "" : valueText(valueAt(series, at));
    });
  }

  follow() {
    if (this.chart) this.chart.setScale("x", {min: this.view.begin / 1000, max: this.view.end / 1000});
    if (this.chart) this.chart.redraw();
  }

  // Also when the theme changes: a canvas keeps its colors.
  rebuild() {
    if (this.chart) this.chart.destroy();
    this.chart = null;
    if (this.box.clientWidth < 50) return;
    this.chart = new uPlot(this.options(), joined(this.plot), this.box);
    this.chart.root.setAttribute("aria-hidden", "true");
  }

  resize() {
    if (!this.chart) this.rebuild();
    else if (this.chart.width !== this.box.clientWidth) {
      this.chart.setSize({width: this.box.clientWidth, height: 150});
    }
  }
}

function valueAt(series, at) {
  let value = null;
  for (let index = 0; index < series.times.length && series.times[index] <= at; ++index) {
    value = series.values[index];
  }
  return value;
}

// A flat line at 0 or 1 should not lie on the frame.
function niceRange(low, high) {
  if (low === null || high === null) return [0, 1];
  const from = Math.min(low, 0);
  const to = Math.max(high, from + 1);
  return [from - (to - from) * 0.06, to + (to - from) * 0.12];
}

function shortNumber(value) {
  if (Math.abs(value) >= 1e9) return +(value / 1e9).toPrecision(4) + "G";
  if (Math.abs(value) >= 1e6) return +(value / 1e6).toPrecision(4) + "M";
  if (Math.abs(value) >= 1e4) return +(value / 1e3).toPrecision(4) + "k";
  return String(+value.toPrecision(6));
}
