// Which page is shown, by the address: #all, #run-3. And light or dark.

let shown = null;

function show() {
  const match = /^#run-(\d+)$/.exec(location.hash);
  const index = match ? Number(match[1]) : -1;
  const single = kIndex.runs.length === 1 && location.hash !== "#all";
  const page = index >= 0 && index < kIndex.runs.length ? new RunPage(index) : single ? new RunPage(0) : new Overview();
  if (location.hash === "#content") return;
  const content = document.getElementById("content");
  const first = shown === null;
  shown = page;
  content.replaceChildren(...page.make());
  document.title = (page.run ? page.run.verdict + " " + page.run.run : "halfopen") + " – report";
  page.draw();
  if (first) return;
  window.scrollTo(0, 0);
  content.focus({preventScroll: true});
}

const kThemes = ["auto", "light", "dark"];
let theme = "auto";
// A file that is opened from a disk may not be allowed to remember anything.
try {
  theme = kThemes.includes(localStorage.getItem("halfopen-theme")) ? localStorage.getItem("halfopen-theme") : "auto";
} catch { /* stays auto */ }

function applyTheme() {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.getElementById("theme").textContent = "Theme: " + theme;
  if (shown && shown.plots) shown.plots.forEach((plot) => plot.rebuild());
}

document.getElementById("theme").addEventListener("click", () => {
  theme = kThemes[(kThemes.indexOf(theme) + 1) % kThemes.length];
  try {
    localStorage.setItem("halfopen-theme", theme);
  } catch { /* it holds for this page */ }
  applyTheme();
});
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
window.addEventListener("hashchange", show);
window.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.key !== "/") return;
  if (!shown || !shown.search) return;
  event.preventDefault();
  shown.search.focus();
});

document.getElementById("made").textContent = kIndex.made.replace("T", " ");
applyTheme();
show();
