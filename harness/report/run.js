// One run: the sentence, the lanes, the verdicts and what they rest on.

class RunPage {
  constructor(index) {
    this.index = index;
    this.run = kIndex.runs[index];
    this.scenario = kIndex.scenarios[this.run.scenario];
    this.picture = pictureOf(index);
    this.plots = [];
    if (this.picture) this.view = new View(this.picture.duration);
  }

  make() {
    const parts = [this.head(), this.story()];
    if (this.picture) {
      parts.push(this.lanes(), this.expectations(this.picture.expectations), this.prediction(),
        this.metrics(), this.log());
    } else {
      parts.push(this.expectations(this.run.expectations || []));
    }
    parts.push(this.again());
    return parts;
  }

  // After the page is in the document: only then are there widths to draw into.
  draw() {
    if (this.view) this.view.all();
  }

  head() {
    const last = kIndex.runs.length - 1;
    const step = (to, words) => to < 0 || to > last ? null : element("a", {href: addressOf(to)}, words);
    return element("div", {class: "run-head"},
      element("nav", {class: "crumbs", "aria-label": "Runs"}, element("a", {href: "#all"}, "All runs"),
        step(this.index - 1, "← Previous"), step(this.index + 1, "Next →")),
      element("h1", {}, breakable(this.run.run), " ", badge(this.run.verdict, this.run.control)),
      element("p", {class: "claim"}, element("b", {}, "Claim: "), this.scenario.claim));
  }

  story() {
    const run = this.run;
    const headline = this.picture ? this.picture.headline : "This run left no picture.";
    const deaths = this.picture ? this.picture.deaths : [];
    return element("section", {class: "panel story " + run.verdict.toLowerCase(), "aria-label": "What happened"},
      deaths.length > 1 ? element("ol", {class: "headline"}, deaths.map((death) => element("li", {}, death.sentence + ".")),
        element("li", {}, "Votes: " + this.picture.votes_said)) : element("p", {class: "headline"}, headline),
      this.trouble(),
      run.reason ? element("p", {}, element("b", {}, "Why " + run.verdict + ": "), run.reason) : null,
      run.control ? element("p", {}, element("b", {}, "A control. "), "It takes something away on purpose; " +
        run.must_fail.join(", ") + " must fail here, or the scenario proves nothing." +
        (run.verdict === "PASS" ? " It did fail." : "")) : null,
      run.note ? element("p", {}, element("b", {}, "Note: "), run.note) : null,
      run.detail_note ? element("p", {}, element("b", {}, "Left out: "), run.detail_note) : null,
      run.picture_trouble ? element("p", {}, run.picture_trouble) : null,
      deaths.length ? element("div", {class: "jumps"}, "Go to ", deaths.slice(0, 4).map((death) => [
        this.jump(death.died, "death", "died"),
        death.findings[0].at !== null ? this.jump(death.findings[0].at, "finding", "found") : null,
        death.healed !== null ? this.jump(death.healed, "healing", "healed") : null])) : null);
  }

  // What did not hold, before anybody has to look for it.
  trouble() {
    const expectations = this.picture ? this.picture.expectations : this.run.expectations || [];
    const bad = expectations.filter((one) => one.verdict !== "PASS");
    if (!bad.length) return null;
    return element("ul", {class: "trouble"}, bad.slice(0, 5).map((one) => element("li", {}, badge(one.verdict, this.run.control), " ",
      element("b", {}, one.id), ": expected ", element("q", {}, one.expected), "; seen: ", one.seen, " ",
      this.view && one.moment !== null ? this.jump(one.moment, "moment", one.id) : null)),
    bad.length > 5 ? element("li", {}, "and " + (bad.length - 5) + " more below") : null);
  }

  jump(at, words, label) {
    return element("button", {type: "button", class: "quiet", onclick: () => this.goTo({at, label,
      begin: null, end: null}, words)}, words + " " + when(at));
  }

  goTo(moment, words) {
    this.view.show(moment);
    this.figure.dataset.moment = moment.at;
    say("Moved to " + when(moment.at, 3) + ": " + words);
    this.markLog(moment.at);
    bringIntoView(this.figure, "start");
    this.figure.focus({preventScroll: true});
  }

  lanes() {
    const lanes = new LanePicture(this.picture, this.view);
    const button = (words, name, action) => element("button", {type: "button", class: "quiet", "aria-label": words === "All" ? null : name,
      title: name, onclick: action}, words);
    const range = element("span", {class: "range"});
    this.figure = element("div", {class: "figure", tabindex: "0", role: "group", id: "lanes",
      "aria-label": "Lanes. Arrow keys move, plus and minus zoom, 0 shows all.",
      onkeydown: (event) => this.onKey(event)}, lanes.box);
    this.view.follow((view) => {
      range.textContent = when(view.begin) + " to " + when(view.end);
      this.figure.dataset.begin = view.begin;
      this.figure.dataset.end = view.end;
    });
    const tools = element("div", {class: "tools", role: "group", "aria-label": "Zoom"},
      button("←", "Earlier", () => this.view.pan(-0.4)), button("→", "Later", () => this.view.pan(0.4)),
      button("+", "Zoom in", () => this.view.zoom(0.5)), button("−", "Zoom out", () => this.view.zoom(2)),
      button("All", "Show the whole run", () => this.view.all()), range);
    return panel("What happened", "Time runs to the right. For each link: what its two ends believed, and what lay between them.", tools, this.figure, this.legend(), this.facts());
  }

  onKey(event) {
    const act = {ArrowLeft: () => this.view.pan(-0.2), ArrowRight: () => this.view.pan(0.2),
      "+": () => this.view.zoom(0.5), "=": () => this.view.zoom(0.5), "-": () => this.view.zoom(2),
      0: () => this.view.all(), Home: () => this.view.all()}[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  // Only what this run's picture holds is explained.
  legend() {
    const looks = new Set();
    for (const lane of this.picture.lanes) {
      for (const span of lane.spans) looks.add(kStates[span.state] || "none");
      if (lane.half_open.length) looks.add("half");
    }
    if (this.picture.bands.length) looks.add("fault");
    const marks = new Set([...this.picture.lanes.flatMap((lane) => lane.marks.map((mark) => mark.kind)),
      ...this.picture.votes.map((vote) => vote.fate)]);
    const swatch = (look) => drawing("svg", {width: 30, height: 16, "aria-hidden": "true"},
      drawing("rect", {x: 0.5, y: 0.5, width: 29, height: 15, rx: 3, class: look === "fault" ? "band-bar" : "state " + look}),
      drawing("rect", {x: 0.5, y: 0.5, width: 29, height: 15, rx: 3,
        fill: look === "good" || look === "none" ? "none" : `url(#p-${look})`}));
    const sign = (kind) => drawing("svg", {width: 18, height: 18, "aria-hidden": "true"}, drawing("g",
      {class: "mark " + kMarks[kind][1]}, drawing("circle", {cx: 9, cy: 9, r: 7.5}),
      drawing("text", {x: 9, y: 13, "text-anchor": "middle"}, kMarks[kind][0])));
    return element("ul", {class: "legend", "aria-label": "Legend"},
      kLegend.filter(([look]) => looks.has(look)).map(([look, words]) => element("li", {}, swatch(look), words)),
      this.picture.votes.length ? element("li", {}, drawing("svg", {width: 18, height: 18, "aria-hidden": "true"},
        drawing("circle", {cx: 9, cy: 9, r: 4, class: "cast well"})), "vote cast") : null,
      Object.keys(kMarks).filter((kind) => marks.has(kind)).map((kind) => element("li", {}, sign(kind), kMarks[kind][2])));
  }

  facts() {
    const {steps, bands, deaths, lanes, votes} = this.picture;
    const facts = [];
    for (const step of steps) facts.push([step.begin, "step " + step.id + ": " + step.text]);
    for (const band of bands) {
      facts.push([band.begin, "fault " + (band.link || band.node) + ": " + band.name + ", " + band.text + ", until " + when(band.end)]);
    }
    for (const death of deaths) facts.push([death.died, death.sentence]);
    for (const lane of lanes) {
      const name = lane.kind === "path" ? lane.link + " " + lane.title : lane.title;
      for (const span of lane.spans) {
        facts.push([span.begin, `${name} is ${span.state}${span.reason ? " (" + span.reason + ")" : ""}, until ${when(span.end, 3)}`]);
      }
      for (const mark of lane.marks) facts.push([mark.at, name + ": " + mark.text]);
    }
    for (const vote of votes) {
      const fate = vote.acked !== null ? "ACK after " + long(vote.acked - vote.cast) : vote.stored !== null
        ? "stored after " + long(vote.stored - vote.cast) + ", no ACK came back" : "lost";
      facts.push([vote.cast, `vote ${vote.vote} from ${vote.from} to ${vote.to}: ${fate}, ${plural(vote.sends, "send")}`]);
    }
    facts.sort((a, b) => a[0] - b[0]);
    return element("details", {}, element("summary", {}, "The same as a list of " + plural(facts.length, "fact")),
      scrolling("List of facts", element("ol", {class: "facts"}, facts.map(([at, words]) => element("li", {},
        element("span", {class: "at"}, when(at, 3)), " ", words)))),
      this.picture.left_out.length ? element("p", {class: "note"}, "Not shown: " + this.picture.left_out.join("; ") + ".") : null);
  }

  expectations(expectations) {
    if (!expectations.length) return panel("Expectations", "None was judged.");
    const row = (one) => {
      const moment = one.moment !== null && one.moment !== undefined && this.view
        ? element("button", {type: "button", class: "moment-button", "aria-label": `Show the moment of ${one.id}, ${when(one.moment, 3)}`,
          onclick: () => this.goTo({at: one.moment, label: one.id, begin: one.begin, end: one.end}, one.id + ", " + one.verdict)}, when(one.moment, 3))
        : "none";
      return element("tr", {class: one.verdict.toLowerCase()}, element("th", {scope: "row", "data-label": "Expectation"}, one.id),
        element("td", {"data-label": "Verdict"}, badge(one.verdict, this.run.control)), element("td", {"data-label": "Expected"}, one.expected),
        element("td", {"data-label": "Seen"}, one.seen, one.evidence && one.evidence.length ? element("details", {open: one.verdict === "FAIL"},
          element("summary", {}, "Evidence"), element("ul", {class: "evidence"}, one.evidence.map((line) => element("li", {}, line)))) : null),
        element("td", {"data-label": "Moment"}, moment));
    };
    const order = {FAIL: 0, INCONCLUSIVE: 1, PASS: 2};
    const sorted = [...expectations].sort((a, b) => order[a.verdict] - order[b.verdict]);
    return panel("Expectations", this.view ? "A moment shows where in the lanes and plots the verdict was decided." : null,
      element("table", {class: "stacked"}, element("caption", {class: "hidden"}, "Expectations of this run"),
        element("thead", {}, element("tr", {}, ["Expectation", "Verdict", "Expected", "Seen", "Moment"].map((name) =>
          element("th", {scope: "col"}, name)))), element("tbody", {}, sorted.map(row))));
  }

  prediction() {
    const ends = this.picture.prediction;
    if (!ends) return panel("Prediction and measurement", "Not predicted.");
    if (!ends.length) return panel("Prediction and measurement", "No link of this run has a vote-node.");
    const rows = ends.flatMap((end) => {
      const about = element("td", {rowspan: Math.max(1, end.rows.length), "data-label": "Fate"}, element("b", {}, end.fate), ": " + plainTimes(end.why),
        end.warnings.map((warning) => element("p", {class: "warning"}, "⚠ " + plainTimes(warning))),
        end.story.length ? element("details", {}, element("summary", {}, "Worked out"), element("ul", {class: "evidence"},
          end.story.map((line) => element("li", {}, plainTimes(line))))) : null);
      const name = element("th", {scope: "rowgroup", rowspan: Math.max(1, end.rows.length), "data-label": "End"}, end.node + " to " + end.peer);
      if (!end.rows.length) return [element("tr", {}, name, about, element("td", {colspan: 4}, "Nothing was compared."))];
      return end.rows.map((row, index) => element("tr", {}, index ? null : [name, about],
        element("td", {"data-label": "What"}, row.what), element("td", {"data-label": "Predicted"}, row.predicted),
        element("td", {"data-label": "Measured"}, row.measured), element("td", {"data-label": "Agreement"},
          element("span", {class: "badge " + (row.agrees ? "pass" : "inconclusive")}, row.agrees ? "✓ agrees" : "≠ differs"))));
    });
    return panel("Prediction and measurement", "What the numbers of the scenario said before the run, and what was seen.",
      element("table", {class: "stacked"}, element("caption", {class: "hidden"}, "Prediction beside measurement"), element("thead", {}, element("tr", {},
        ["End", "Predicted fate", "What", "Predicted", "Measured", "Agreement"].map((name) => element("th", {scope: "col"}, name)))),
      element("tbody", {}, rows)));
  }

  metrics() {
    if (!this.picture.plots.length) return panel("Metrics", "None was recorded.");
    this.plots = this.picture.plots.map((plot) => new PlotPanel(plot, this.view));
    return panel("Metrics", "Drag to zoom; lanes and plots move together.", element("div", {class: "plots"},
      this.plots.map((plot) => plot.node)));
  }

  log() {
    if (!this.picture.log.length) return panel("Log", "No events are here; they are in the run’s folder.");
    this.logLines = this.picture.log.map((line) => element("li", {"data-at": line.at}, line.text));
    this.logBox = scrolling("Log lines", element("ol", {class: "log"}, this.logLines));
    return panel("Log", "Every program’s events in time order; the ones around the chosen moment are marked.", this.logBox);
  }

  markLog(at) {
    if (!this.logLines) return;
    const distance = (line) => Math.abs(Number(line.dataset.at) - at);
    const near = [...this.logLines].sort((a, b) => distance(a) - distance(b)).slice(0, 7);
    for (const line of this.logLines) line.classList.toggle("near", near.includes(line));
    const first = this.logLines.find((line) => line.classList.contains("near"));
    this.logBox.scrollTop = Math.max(0, first.offsetTop - this.logBox.offsetTop - 40);
  }

  again() {
    const line = (name, text) => {
      const button = element("button", {type: "button", class: "quiet", onclick: () => copy(text, button)}, "Copy");
      return [element("dt", {}, name), element("dd", {}, element("code", {}, text), " ", button)];
    };
    return panel("Again, and everything else", null, element("dl", {class: "again"}, line("Repeat it", this.run.command),
      line("Everything of this run", kIndex.directory + "/" + this.run.folder), line("Scenario", this.scenario.file)));
  }
}
