// The picture of a run: for each link the two ends and what is between them, as lanes of states;
// above them what died, who found it and what healed it; below them the votes.
//
// No state is told by its color alone: each has its pattern, its name in the bar where there is
// room, and a line in the list of facts.

const kStates = {
  Healthy: "good", Suspect: "doubt", Dialing: "trying", Handshaking: "trying", Backoff: "waiting",
  Idle: "none", Closed: "none", Down: "down",
  mapped: "good", open: "good", forgotten: "gone", "no connection": "none",
};
const kLegend = [
  ["good", "connection up (healthy, mapped)"], ["half", "half-open: dead, and this end does not know"],
  ["gone", "the NAT has forgotten it"], ["doubt", "suspected"], ["trying", "dialing, handshaking"],
  ["waiting", "waiting to dial again"], ["none", "no connection"], ["down", "process is down"],
  ["fault", "a fault is in force"],
];
const kMarks = {
  died: ["✕", "bad", "connection died"], found: ["!", "warn", "an end found out"],
  healed: ["+", "well", "healed by a new connection"], acked: ["✓", "well", "vote arrived, ACK came back"],
  stored: ["s", "warn", "vote arrived, no ACK came back"], lost: ["✕", "bad", "vote lost"],
  error: ["E", "warn", "send error"], expired: ["–", "bad", "mapping gone"],
  drop: ["↓", "bad", "NAT drops a packet"], reset: ["R", "bad", "reset"],
  revived: ["↑", "well", "works again"], fault: ["F", "bad", "fault"], trouble: ["?", "warn", "trouble"],
};

function patterns() {
  const pattern = (id, size, ...shapes) => drawing("pattern",
    {id: "p-" + id, width: size, height: size, patternUnits: "userSpaceOnUse"}, ...shapes);
  const line = (d, name) => drawing("path", {d, class: "ink-" + name});
  return drawing("defs", {},
    pattern("half", 8, line("M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4", "half")),
    pattern("gone", 8, line("M0,0 l8,8 M-2,6 l4,4 M6,-2 l4,4", "gone")),
    pattern("doubt", 6, line("M3,0 v6", "doubt")),
    pattern("trying", 6, line("M0,3 h6", "trying")),
    pattern("waiting", 7, drawing("circle", {cx: 2, cy: 2, r: 1.1, class: "dot-waiting"})),
    pattern("down", 6, line("M0,0 l6,6 M0,6 l6,-6", "down")),
    pattern("fault", 10, line("M-2,2 l4,-4 M0,10 l10,-10 M8,12 l4,-4", "fault")));
}

const kCallRow = 21;

// Estimated, since measuring each text would make the browser lay the page out a thousand times.
const textWidth = (text, size) => text.length * size * 0.58;

class LanePicture {
  constructor(timeline, view) {
    this.timeline = timeline;
    this.view = view;
    this.box = element("div", {class: "lanes"});
    view.follow(() => this.draw());
    new ResizeObserver(() => {
      if (this.box.clientWidth !== this.width) this.draw();
    }).observe(this.box);
    this.makeDrag();
  }

  x(at) {
    const share = (at - this.view.begin) / (this.view.end - this.view.begin);
    return this.left + share * (this.width - this.left - this.right);
  }
  at(x) {
    const share = (x - this.left) / (this.width - this.left - this.right);
    return this.view.begin + share * (this.view.end - this.view.begin);
  }
  // The part of [begin, end] that is in view, as pixels; null when none is.
  cut(begin, end) {
    if (end < this.view.begin || begin > this.view.end) return null;
    const from = this.x(Math.max(begin, this.view.begin));
    return {from, to: Math.max(this.x(Math.min(end, this.view.end)), from + 1.5)};
  }
  inView(at) {
    return at >= this.view.begin && at <= this.view.end;
  }

  draw() {
    this.width = this.box.clientWidth;
    if (this.width < 50) return;
    this.narrow = this.width < 640;
    this.left = this.narrow ? 6 : 132;
    this.right = 14;
    this.y = 0;
    this.back = drawing("g", {});
    this.front = drawing("g", {});
    this.drawSteps();
    const top = this.y;
    for (const link of this.timeline.links) this.drawLink(link);
    this.drawAxis(top);
    this.drawMoment();
    const svg = drawing("svg", {width: this.width, height: this.y, viewBox: `0 0 ${this.width} ${this.y}`,
      role: "img", "aria-label": this.summary()}, patterns(), this.back, this.front);
    this.box.replaceChildren(svg);
  }

  summary() {
    return "Lanes of " + this.timeline.links.map((link) => link.id).join(", ") + " from " +
      when(this.view.begin) + " to " + when(this.view.end) + ". " + this.timeline.headline +
      " The list of facts below says the same in words.";
  }

  text(x, y, words, name, anchor) {
    this.front.append(drawing("text", {x, y, class: name || "", "text-anchor": anchor || "start"}, words));
  }
  // A lane's name: beside it where there is room, else above it.
  title(words, name) {
    if (this.narrow) {
      this.y += 15;
      this.text(this.left, this.y - 3, words, "lane-title " + (name || ""));
    } else {
      this.text(this.left - 10, this.y + 17, words, "lane-title " + (name || ""), "end");
    }
  }

  drawSteps() {
    const steps = this.timeline.steps;
    const ends = [0, 0, 0];
    if (!this.narrow) this.text(this.left - 10, 14, "steps", "lane-title dim", "end");
    this.stepLines = [];
    for (const step of steps) {
      const place = this.cut(step.begin, step.end);
      if (!place) continue;
      const starts = this.inView(step.begin);
      if (starts) this.stepLines.push(place.from);
      const width = textWidth(step.id, 12) + 10;
      const from = Math.min(place.from, this.width - width);
      let row = ends.findIndex((end) => end <= from);
      if (row < 0) continue;
      ends[row] = from + width;
      const label = drawing("text", {x: from + 4, y: 14 + row * 15, class: "step"}, step.id,
        drawing("title", {}, step.id + ": " + step.text + " (" + when(step.begin) + ")"));
      this.front.append(label);
      if (starts) this.back.append(drawing("path", {d: `M${place.from},${3 + row * 15} v13`, class: "step-tick"}));
    }
    this.y = 20 + 15 * ends.filter((end) => end > 0).length;
  }

  drawLink(link) {
    const lanes = this.timeline.lanes.filter((lane) => lane.link === link.id);
    const top = this.y;
    this.y += 22;
    const heading = link.dialer + " ↔ " + link.listener;
    this.text(6, this.y - 5, heading, "link-title");
    this.drawSummary(link, textWidth(heading, 15) + 18);
    const bands = this.timeline.bands.filter((band) => band.link === link.id ||
      (band.node && (band.node === link.dialer || band.node === link.listener)));
    this.drawCalls(link);
    for (const band of bands) this.drawBandName(band);
    const laneTop = this.y;
    for (const lane of lanes) this.drawLane(lane);
    for (const band of bands) this.shade(band, laneTop, this.y);
    this.drawVotes(link);
    this.leaders(laneTop);
    this.y += 12;
    this.back.append(drawing("path", {d: `M0,${top + 0.5} H${this.width}`, class: "link-line"}));
  }

  drawSummary(link, from) {
    const room = this.narrow ? this.width - 12 : this.width - from - 10;
    const lines = wrap(link.summary, Math.max(20, Math.floor(room / (12 * 0.56))));
    if (!this.narrow && lines.length === 1) {
      this.text(from, this.y - 5, lines[0], "dim");
      return;
    }
    for (const line of lines) {
      this.y += 15;
      this.text(6, this.y - 6, line, "dim");
    }
  }

  // The words of a death stand above the lanes, each over its moment.
  drawCalls(link) {
    const calls = [];
    for (const death of this.timeline.deaths.filter((one) => one.link === link.id)) {
      calls.push([death.died, "died", "died: " + death.cause]);
      for (const finding of death.findings) {
        if (finding.at === null || finding.by === "replaced") continue;
        calls.push([finding.at, "found", finding.node + " found out: " + finding.by +
          (finding.error ? ", " + finding.error : "")]);
      }
      if (death.healed !== null) calls.push([death.healed, "healed", "healed: new connection"]);
    }
    calls.sort((a, b) => a[0] - b[0]);
    const rows = [];
    this.callLines = [];
    for (const [at, kind, words] of calls.filter(([moment]) => this.inView(moment))) {
      const x = this.x(at);
      // The words stand right of their moment, or left of it where they would leave the picture.
      // Where neither has room the time goes first, which the axis and the headline tell too; then
      // they are wrapped, since the cause at their end is what they are for.
      const room = Math.max(this.width - x, x) - 16;
      const fits = (text) => textWidth(text, 13.5) <= room;
      const label = [when(at) + " " + words, words].find(fits) || words;
      const lines = wrap(label, Math.max(8, Math.floor(room / (13.5 * 0.58))));
      const width = Math.max(...lines.map((line) => textWidth(line, 13.5))) + 30;
      const left = x + width > this.width && x > this.width / 2;
      const from = left ? x - width + 10 : x - 10;
      const isFree = (row) => (rows[row] || []).every(([begin, end]) => from > end + 4 || from + width < begin - 4);
      const slots = lines.map((line, index) => index);
      let row = 0;
      while (!slots.every((slot) => isFree(row + slot))) ++row;
      for (const slot of slots) (rows[row + slot] ||= []).push([from, from + width]);
      this.call(x, kind, label, lines, left, this.y + row * kCallRow + 14);
    }
    this.y += rows.length * kCallRow + (rows.length ? 6 : 0);
  }

  call(x, kind, label, lines, left, y) {
    this.mark(x, y - 4, kind, label);
    this.callLines.push([x, y + 5, kind]);
    lines.forEach((line, index) => this.text(left ? x - 12 : x + 12, y + index * (kCallRow - 4), line,
      "call " + kMarks[kind][1], left ? "end" : "start"));
  }

  leaders(to) {
    for (const [x, y, kind] of this.callLines) {
      this.back.append(drawing("path", {d: `M${x},${y} V${this.laneEnd}`, class: "leader " + kMarks[kind][1]}));
    }
    for (const x of this.stepLines) {
      this.back.append(drawing("path", {d: `M${x},${to} V${this.laneEnd}`, class: "step-line"}));
    }
  }

  drawBandName(band) {
    const place = this.cut(band.begin, band.end);
    if (!place) return;
    const words = band.name + (band.text && band.text !== band.name ? ": " + band.text : "");
    const named = textWidth(words, 12) + 12 <= Math.max(place.to - place.from, this.width - place.from) ? words : band.name;
    const width = textWidth(named, 12) + 12;
    const y = this.y;
    this.back.append(drawing("rect", {x: place.from, y, width: place.to - place.from, height: 18, class: "band-bar"}),
      drawing("rect", {x: place.from, y, width: place.to - place.from, height: 18, fill: "url(#p-fault)"},
        drawing("title", {}, words + ", " + when(band.begin) + " to " + when(band.end))));
    const from = Math.max(4, Math.min(place.from + 6, this.width - width));
    this.text(from, y + 13, named, "band-name");
    this.y += 22;
  }

  shade(band, top, bottom) {
    const place = this.cut(band.begin, band.end);
    if (!place) return;
    this.back.append(drawing("rect", {x: place.from, y: top - 4, width: place.to - place.from,
      height: bottom - top + 2, class: "band"}));
  }

  drawLane(lane) {
    this.title(lane.kind === "path" ? lane.title : lane.node + "’s view", lane.kind === "path" ? "dim" : "");
    const height = lane.kind === "path" ? 22 : 26;
    const y = this.y;
    const placed = this.placeMarks(lane);
    const taken = placed.map(([x]) => x);
    const shadowed = (span) => lane.half_open.some((half) => half.begin <= span.begin + 1 && half.end >= span.end - 1);
    for (const span of lane.spans) {
      this.bar(span, kStates[span.state] || "none", y, height, shadowed(span) ? "" : span.state, taken,
        lane.half_open.find((half) => half.begin > span.begin && half.begin < span.end));
    }
    for (const band of lane.kind === "path" ? this.timeline.bands.filter((one) => one.link === lane.link) : []) {
      this.bar({begin: band.begin, end: band.end, reason: band.text}, "fault", y, height, band.name, taken);
    }
    for (const span of lane.half_open) {
      this.bar(span, "half", y, height, "dead, not noticed · " + long(span.end - span.begin), taken);
    }
    for (const [x, mark] of placed) {
      this.mark(x, y + height / 2, mark.kind, mark.text + " " + when(mark.at, 3));
    }
    this.y += height + (this.narrow ? 5 : 8);
    this.laneEnd = this.y - 6;
  }

  // The marks that matter most come first; one that would hide another moves aside, or is left out
  // where the list of facts has it too.
  placeMarks(lane) {
    const important = (mark) => ["died", "found", "healed"].includes(mark.kind);
    const placed = [];
    for (const mark of [...lane.marks.filter(important), ...lane.marks.filter((one) => !important(one))]) {
      if (!this.inView(mark.at)) continue;
      let x = this.x(mark.at);
      const hidden = () => placed.some(([other]) => Math.abs(other - x) < 15);
      if (hidden() && !important(mark)) continue;
      for (let tries = 0; hidden() && tries < 4; ++tries) x += 16;
      placed.push([x, mark]);
    }
    return placed;
  }

  bar(span, look, y, height, words, taken, cover) {
    const place = this.cut(span.begin, span.end);
    if (!place) return;
    const width = place.to - place.from;
    const shape = {x: place.from, y, width, height, rx: Math.min(3, width / 2)};
    const about = drawing("title", {}, words + (span.reason ? " (" + span.reason + ")" : "") + ", " +
      when(span.begin, 3) + " to " + when(span.end, 3));
    this.front.append(drawing("rect", {...shape, class: "state " + look}, about));
    if (look !== "good" && look !== "none") {
      this.front.append(drawing("rect", {...shape, fill: `url(#p-${look})`, "pointer-events": "none"}));
    }
    if (!words) return;
    const end = cover ? this.x(Math.min(Math.max(cover.begin, this.view.begin), this.view.end)) : place.to;
    const shorter = [words, words.split(" · ")[0], words.split(",")[0]];
    // No mark upon a word: the words stand in the first gap between marks that has room for them.
    const marks = taken.filter((x) => x > place.from - 9 && x < end + 7).sort((a, b) => a - b);
    for (let gap = 0; gap <= marks.length; ++gap) {
      const from = Math.max(place.from + 6, gap ? marks[gap - 1] + 10 : 0);
      const room = Math.min(end - 6, gap < marks.length ? marks[gap] - 9 : Infinity) - from;
      const shown = shorter.find((text) => textWidth(text, 12) <= room);
      if (shown) return this.text(from, y + height / 2 + 4, shown, "state-name on-" + look);
    }
  }

  mark(x, y, kind, words) {
    const [sign, look] = kMarks[kind] || ["·", "warn"];
    this.front.append(drawing("g", {class: "mark " + look}, drawing("circle", {cx: x, cy: y, r: 7.5}),
      drawing("text", {x, y: y + 4, "text-anchor": "middle"}, sign), drawing("title", {}, words)));
  }

  drawVotes(link) {
    for (const [from, to] of [[link.dialer, link.listener], [link.listener, link.dialer]]) {
      const votes = this.timeline.votes.filter((vote) => vote.from === from && vote.to === to);
      if (!votes.length) continue;
      const lost = votes.filter((vote) => vote.fate === "lost").length;
      this.title("votes " + from + "→" + to, lost ? "bad" : "");
      const ends = [];
      for (const vote of votes) this.vote(vote, ends);
      this.y += Math.max(1, ends.length) * 18 + 8;
    }
  }

  vote(vote, ends) {
    const until = vote.acked ?? vote.stored ?? this.timeline.duration;
    const place = this.cut(vote.cast, until);
    if (!place) return;
    const words = vote.fate === "lost" ? "lost" : vote.fate === "acked" ? "ACK " + long(until - vote.cast)
      : "stored, no ACK";
    const lost = vote.fate === "lost";
    const put = this.placeVote(place, lost, textWidth(words, 11.5));
    let row = ends.findIndex((end) => end <= put.begin - 4);
    if (row < 0 && ends.length < 5) row = ends.length;
    // Beyond five at a time they share a row; the list of facts counts them.
    if (row < 0) row = 4;
    ends[row] = Math.max(lost ? this.width : put.end, ends[row] || 0);
    const y = this.y + row * 18 + 9;
    const look = lost ? "bad" : "well";
    const about = `vote ${vote.vote} ${vote.from}→${vote.to}: cast ${when(vote.cast, 3)}, ` +
      (vote.acked !== null ? "ACK " + when(vote.acked, 3) : vote.stored !== null ? "stored " +
      when(vote.stored, 3) + ", no ACK" : "lost") + ", " + plural(vote.sends, "send");
    this.front.append(drawing("path", {d: `M${place.from},${y} H${place.to}`, class: "vote " + look},
      drawing("title", {}, about)));
    if (this.inView(vote.cast)) this.front.append(drawing("circle", {cx: place.from, cy: y, r: 4, class: "cast " + look}));
    if (lost || this.inView(until)) this.mark(put.mark, y, vote.fate, about);
    this.text(put.text, y + 4, words, "vote-name " + look, put.side);
  }

  // Where a vote's mark and its words stand: right of where it was cast, or left of it where the
  // picture ends there; never one upon the other.
  placeVote(place, lost, width) {
    const edge = this.width - 9;
    const wanted = lost ? place.from + 16 : Math.max(place.to, place.from + 12);
    const mark = wanted <= edge ? wanted : place.to - place.from > 30 && !lost ? edge : place.from - 16;
    if (mark >= wanted && mark + 11 + width <= this.width) {
      return {mark, text: mark + 11, side: "start", begin: Math.min(place.from, mark - 8), end: mark + 15 + width};
    }
    // Left of the mark: upon the vote's own line where that is long enough, else before its start.
    const upon = mark - 11 - width > place.from + 6;
    const text = (upon ? mark : Math.min(place.from + 4, mark)) - 11;
    return {mark, text, side: "end", begin: Math.min(place.from, text - width), end: this.width};
  }

  drawAxis(top) {
    const {begin, end} = this.view;
    const length = tickLength(end - begin, Math.max(3, Math.floor((this.width - this.left) / 80)));
    const decimals = length >= 1000 ? 0 : length >= 100 ? 1 : length >= 10 ? 2 : 3;
    for (let at = Math.ceil(begin / length) * length; at <= end; at += length) {
      const x = this.x(at);
      this.back.prepend(drawing("path", {d: `M${x},${top} V${this.y}`, class: "grid"}));
      if (x < this.width - 24) this.text(x, this.y + 14, when(at, decimals), "tick", x < this.left + 20 ? "start" : "middle");
    }
    this.axisY = this.y;
    this.y += 22;
  }

  drawMoment() {
    const moment = this.view.moment;
    if (!moment) return;
    const window = moment.begin !== null && moment.end !== null && this.cut(moment.begin, moment.end);
    if (window) {
      this.back.prepend(drawing("rect", {x: window.from, y: 0, width: window.to - window.from, height: this.axisY,
        class: "window"}));
    }
    if (!this.inView(moment.at)) return;
    const x = this.x(moment.at);
    this.front.append(drawing("path", {d: `M${x},0 V${this.axisY}`, class: "moment"}));
    const words = moment.label + " " + when(moment.at, 3);
    const side = x > this.width / 2 ? "end" : "start";
    this.y += 16;
    this.text(side === "end" ? x + 4 : x - 4, this.y - 4, words, "moment-name", side);
  }

  // A drag chooses what to look at; a double click gives everything back.
  makeDrag() {
    let from = null;
    const shade = element("div", {class: "drag"});
    const place = (event) => event.clientX - this.box.getBoundingClientRect().left;
    this.box.addEventListener("pointerdown", (event) => {
      if (event.button === 0 && event.pointerType === "mouse") from = place(event);
    });
    window.addEventListener("pointermove", (event) => {
      if (from === null) return;
      const to = place(event);
      shade.style.left = Math.min(from, to) + "px";
      shade.style.width = Math.abs(to - from) + "px";
      if (!shade.parentNode) this.box.append(shade);
    });
    window.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const ends = [this.at(from), this.at(place(event))].sort((a, b) => a - b);
      const wide = Math.abs(place(event) - from) > 8;
      from = null;
      shade.remove();
      if (wide) this.view.set(ends[0], ends[1]);
    });
    this.box.addEventListener("dblclick", () => this.view.all());
  }
}

function wrap(words, most) {
  const lines = [""];
  for (const word of words.split(" ")) {
    const line = lines[lines.length - 1];
    if (line && line.length + word.length + 1 > most) lines.push(word);
    else lines[lines.length - 1] = line ? line + " " + word : word;
  }
  return lines;
}
