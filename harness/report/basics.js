"use strict";
// What every part of the page uses: the data, elements, times in words.
// Texts of a run reach the page only as text nodes and attributes, never as markup.

const kIndex = JSON.parse(document.getElementById("index").textContent);

// A run's picture is parsed when somebody looks at it.
const pictures = new Map();
function pictureOf(run) {
  if (!pictures.has(run)) {
    const data = document.getElementById("run-" + run);
    pictures.set(run, data ? JSON.parse(data.textContent) : null);
  }
  return pictures.get(run);
}

const kSvg = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(4)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}
function element(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}
function drawing(name, attributes, ...children) {
  return fill(document.createElementNS(kSvg, name), attributes, children);
}

// "+7.1 s"; three decimals where two things may be close together.
function when(milliseconds, decimals = 1) {
  return "+" + (milliseconds / 1000).toFixed(decimals) + " s";
}
function long(milliseconds) {
  if (milliseconds < 1) return "under 1 ms";
  if (milliseconds < 1000) return milliseconds.toFixed(0) + " ms";
  return (milliseconds / 1000).toFixed(1) + " s";
}
function plural(count, one, many) {
  return count + " " + (count === 1 ? one : many || one + "s");
}

const kSigns = {PASS: "✓", FAIL: "✕", INCONCLUSIVE: "?"};
// A control passes when something in it fails: a bare PASS beside lost votes would read as a
// contradiction.
const kControlWords = {PASS: "failed as it must", FAIL: "FAIL: did not fail"};
function verdictWords(verdict, isControl) {
  return (isControl && kControlWords[verdict]) || verdict;
}
function badge(verdict, isControl) {
  const words = verdictWords(verdict, isControl);
  return element("span", {class: "badge " + verdict.toLowerCase(),
    title: words === verdict ? null : "This run is a control, and counts as " + verdict},
  element("span", {"aria-hidden": "true"}, kSigns[verdict] || "·"), " " + words);
}

function panel(title, note, ...children) {
  const id = "panel-" + title.toLowerCase().replace(/[^a-z]+/g, "-");
  return element("section", {class: "panel", "aria-labelledby": id},
    element("h2", {id}, title), note ? element("p", {class: "note"}, note) : null, ...children);
}

// A table that is wider than the page scrolls in its own box, also by keyboard.
function scrolling(label, child) {
  return element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": label},
    child);
}

function say(text) {
  document.getElementById("live").textContent = text;
}

const kCalm = window.matchMedia("(prefers-reduced-motion: reduce)");
function bringIntoView(node, block) {
  node.scrollIntoView({behavior: kCalm.matches ? "auto" : "smooth", block: block || "nearest"});
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
    button.textContent = "Copied";
  } catch {
    say("This browser does not let the page copy; mark the text and copy it");
  }
}

// A long name breaks behind its commas and brackets, not in a word.
function breakable(name) {
  return name.split(/(?<=[,/[])/).flatMap((part, index) => index ? [element("wbr"), part] : [part]);
}

// "2s600ms" as "2.6 s", the form of every other time of the page.
function plainTimes(text) {
  return text.replace(/\b(\d+)s(\d{1,3})ms\b/g, (all, seconds, milliseconds) =>
    String((Number(seconds) * 1000 + Number(milliseconds)) / 1000) + " s");
}

// A run's own name, so that an address still leads to it in the report of another day.
const kAnchors = [];
for (const {run} of kIndex.runs) {
  let name = run;
  for (let more = 2; kAnchors.includes(name); ++more) name = run + "~" + more;
  kAnchors.push(name);
}
function addressOf(index) {
  return "#run=" + encodeURIComponent(kAnchors[index]);
}
