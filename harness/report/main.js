// Which page is shown, by the address: #all, #run=NAME. And light or dark.

let shown = null;

// What the address asks for, decoded; as it stands where somebody cut or mistyped it.
function asked() {
  const name = location.hash.replace(/^#(run=)?/, "");
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function choosePage() {
  const name = asked();
  if (!name && kIndex.runs.length === 1) return new RunPage(0);
  if (!name || location.hash === "#all") return new Overview();
  const index = location.hash.startsWith("#run=") ? kAnchors.indexOf(name) : -1;
  return index >= 0 ? new RunPage(index) : new Overview(name);
}

function show() {
  if (location.hash === "#content" && shown) return;
  const page = location.hash === "#content" ? new Overview() : choosePage();
  const content = document.getElementById("content");
  const first = shown === null;
  shown = page;
  content.replaceChildren(...page.make());
  document.title = (page.run ? page.run.run + ": " + verdictWords(page.run.verdict, page.run.control) : "halfopen") + " – report";
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
