// All runs: how many passed, the matrix as a heat map, and what happened in each.

class Overview {
  // `unknown`: a name that the address asked for and no run has.
  constructor(unknown) {
    this.unknown = unknown;
  }

  make() {
    this.verdicts = new Set();
    this.rows = [];
    const parts = [this.head()];
    const missing = this.unknown ? element("p", {class: "panel missing", role: "alert"},
      "No run of this name in this report: ", element("b", {}, this.unknown)) : null;
    kIndex.scenarios.forEach((scenario, index) => {
      if (scenario.axes.length) parts.push(...this.heatMaps(scenario, index));
    });
    parts.splice(1, 0, ...(parts.length > 1 && kIndex.scenarios.length === 1 ? [] : [this.table()]));
    if (!this.rows.length) parts.push(this.table());
    return missing ? [missing, ...parts] : parts;
  }

  draw() {}

  head() {
    const counts = {PASS: 0, FAIL: 0, INCONCLUSIVE: 0};
    for (const run of kIndex.runs) ++counts[run.verdict];
    const lead = counts.FAIL ? plural(counts.FAIL, "run") + " of " + kIndex.runs.length + " failed"
      : counts.INCONCLUSIVE ? "Nothing failed, and " + plural(counts.INCONCLUSIVE, "run") + " could not be judged"
        : kIndex.runs.length === 1 ? "The run passed" : "All " + kIndex.runs.length + " runs passed";
    this.chips = Object.entries(counts).map(([verdict, count]) => element("button", {type: "button",
      class: "chip " + verdict.toLowerCase(), "aria-pressed": "false", "data-verdict": verdict,
      onclick: (event) => this.toggle(verdict, event.currentTarget)}, element("b", {}, String(count)), " ", badge(verdict)));
    return element("div", {class: "run-head"}, element("h1", {}, lead),
      element("p", {class: "note"}, plural(kIndex.scenarios.length, "scenario") + ", " + plural(kIndex.runs.length, "run") +
        (kIndex.world === "kernel" ? ", in the kernel world" : "") + ". Choose a verdict to see only its runs."),
      element("div", {class: "chips", role: "group", "aria-label": "Show only"}, this.chips));
  }

  toggle(verdict, chip) {
    const on = !this.verdicts.has(verdict);
    if (on) this.verdicts.add(verdict);
    else this.verdicts.delete(verdict);
    chip.setAttribute("aria-pressed", String(on));
    this.filter();
  }

  table() {
    this.search = element("input", {type: "search", id: "search", autocomplete: "off",
      placeholder: "name, cause, reason …", oninput: () => this.filter(), onkeydown: (event) => {
        if (event.key === "ArrowDown") this.focusRow(0, 1, event);
      }});
    this.count = element("span", {class: "note", role: "status"});
    // Who opens a report looks for what failed.
    const order = {FAIL: 0, INCONCLUSIVE: 1, PASS: 2};
    const sorted = kIndex.runs.map((run, index) => [run, index]).sort((a, b) => order[a[0].verdict] - order[b[0].verdict]);
    const body = element("tbody", {}, sorted.map(([run, index]) => this.row(run, index)));
    const node = panel("Runs", null,
      element("div", {class: "tools"}, element("label", {for: "search"}, "Find"), this.search, element("kbd", {title: "Key that goes to the search"}, "/"), this.count),
      element("table", {class: "stacked runs"}, element("caption", {class: "hidden"}, "All runs, with what happened in each"),
        element("thead", {}, element("tr", {}, ["Verdict", "Run", "What happened", "Took"].map((name) => element("th", {scope: "col"}, name)))), body));
    this.filter();
    return node;
  }

  // First what happened, then what it means for the verdict; the numbers are on the run's page.
  row(run, index) {
    const verdict = verdictNote(run);
    const what = [element("div", {}, run.headline || run.reason || "This run left no picture."),
      verdict ? element("div", {class: "note"}, verdict) : null];
    const link = element("a", {href: addressOf(index), onkeydown: (event) => {
      const at = this.rows.findIndex((row) => row.link === event.currentTarget);
      if (event.key === "ArrowDown") this.focusRow(at + 1, 1, event);
      if (event.key === "ArrowUp") this.focusRow(at - 1, -1, event);
    }}, breakable(run.run));
    const node = element("tr", {}, element("td", {"data-label": "Verdict"}, badge(run.verdict, run.control)),
      element("th", {scope: "row", "data-label": "Run"}, link),
      element("td", {"data-label": "What happened"}, what), element("td", {"data-label": "Took", class: "number"}, run.seconds.toFixed(1) + " s"));
    this.rows.push({node, link, run, text: [run.run, run.headline, run.reason, run.because, verdict, kIndex.scenarios[run.scenario].claim].join(" ").toLowerCase()});
    return node;
  }

  focusRow(from, by, event) {
    event.preventDefault();
    for (let at = from; at >= 0 && at < this.rows.length; at += by) {
      if (this.rows[at].node.hidden) continue;
      this.rows[at].link.focus();
      return;
    }
    if (by < 0) this.search.focus();
  }

  filter() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of this.rows) {
      const fits = words.every((word) => row.text.includes(word)) && (!this.verdicts.size || this.verdicts.has(row.run.verdict));
      row.node.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    this.count.textContent = shown === this.rows.length ? plural(shown, "run") : shown + " of " + plural(this.rows.length, "run");
  }

  // Two axes at a time; a third makes a table for each of its values.
  heatMaps(scenario, index) {
    const axes = scenario.axes;
    const rows = axes.find((axis) => axis.name === scenario.rows) || axes[0];
    const columns = axes.find((axis) => axis.name === scenario.columns && axis !== rows) || axes.find((axis) => axis !== rows);
    const others = axes.filter((axis) => axis !== rows && axis !== columns);
    const runs = kIndex.runs.map((run, at) => ({run, at})).filter(({run}) => run.scenario === index && !run.control);
    const groups = new Map();
    for (const item of runs) {
      const key = others.map((axis) => axis.name + " " + valueOf(item.run, axis)).join(", ");
      groups.set(key, [...(groups.get(key) || []), item]);
    }
    return [...groups].map(([key, items]) => this.heatMap(scenario, rows, columns, key, items));
  }

  heatMap(scenario, rows, columns, key, items) {
    const title = "Matrix of " + scenario.name + (key ? " (" + key + ")" : "");
    const cell = (row, column) => {
      const found = items.find(({run}) => valueOf(run, rows) === row && (!column || valueOf(run, columns) === column));
      return element("td", {}, found ? heatCell(found.run, found.at) : element("span", {class: "note"}, "not run"));
    };
    const heads = columns ? columns.values : [["", "outcome"]];
    const table = element("table", {class: "heat"}, element("caption", {}, scenario.claim),
      element("thead", {}, element("tr", {}, element("th", {scope: "col"}, rows.name + (columns ? " \\ " + columns.name : "")),
        heads.map(([, words]) => element("th", {scope: "col"}, words)))),
      element("tbody", {}, rows.values.map(([name, words]) => element("tr", {}, element("th", {scope: "row"}, words),
        heads.map(([column]) => cell(name, column))))));
    const legend = element("ul", {class: "legend", "aria-label": "Legend"}, [0, 1, 2, 3, 4].map((heat) => element("li", {},
      element("span", {class: "shade heat-" + heat, "aria-hidden": "true"}), ["no vote lost", "up to a third", "up to two thirds", "most", "all lost"][heat])),
    element("li", {}, "A cell that did not pass says so. Each opens its run."));
    const box = scrolling(title, table);
    box.classList.add("whole");
    return panel(title, null, box, legend);
  }
}

function valueOf(run, axis) {
  const pair = run.cell.find(([name]) => name === axis.name);
  return pair ? pair[1] : "";
}

function verdictNote(run) {
  const bad = (run.not_held || []).join(", ");
  if (run.control && run.verdict === "PASS") return "Control: " + run.must_fail.join(", ") + " failed, as it must here.";
  if (run.verdict === "PASS") return "";
  const words = [];
  if (run.reason && run.headline) words.push(run.reason.replace(/\.?$/, "."));
  if (bad && run.control && run.verdict === "FAIL") words.push("Control: " + bad + " had to fail here, and did not.");
  else if (bad) words.push((run.verdict === "FAIL" ? "Did not hold: " : "Could not be judged: ") + bad + ".");
  return words.join(" ");
}

function heatCell(run, at) {
  const story = run.story;
  const lines = [];
  let heat = run.verdict === "PASS" ? 0 : 4;
  // The story counts from the step that the file's report names; without one it is the whole run.
  const votes = story ? {cast: story.votes_cast, lost: story.votes_lost} : run.votes;
  if (votes && votes.cast) {
    const share = votes.lost / votes.cast;
    heat = share === 0 ? 0 : share === 1 ? 4 : share > 2 / 3 ? 3 : share > 1 / 3 ? 2 : 1;
    lines.push(votes.lost ? `✕ ${votes.lost} of ${votes.cast} lost` : "✓ none lost");
  }
  if (!story) {
    const deaths = run.deaths || [];
    lines.push(deaths.length ? plural(deaths.length, "death") : "no death");
  }
  if (story) {
    lines.push(story.detected_by ? "found by " + story.detected_by.replace(/_/g, " ") : "no death found");
    if (story.recovered_after_ns !== undefined) lines.push("votes flow after " + long(story.recovered_after_ns / 1e6));
    else if (story.votes_lost) lines.push("votes never flow again");
  }
  return element("a", {class: "heat-cell heat-" + heat + " is-" + run.verdict.toLowerCase(), href: addressOf(at), title: run.run},
  run.verdict !== "PASS" ? badge(run.verdict) : element("span", {class: "hidden"}, "PASS "), lines.map((line, index) =>
    element("span", {class: index ? "" : "first"}, line)));
}
