// The report as its readers meet it: one pass, one failure, one inconclusive run and a matrix.
import assert from "node:assert/strict";
import {copyFileSync, mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {spawnSync} from "node:child_process";
import {Reports, kViews, overflow} from "./support.mjs";

const kWide = kViews[0];
let reports;
before(async () => {
  reports = new Reports();
  await reports.start();
});
after(async () => reports.stop());

async function keepShot(page, name) {
  if (!process.env.SHOTS) return;
  mkdirSync(process.env.SHOTS, {recursive: true});
  await page.screenshot({path: join(process.env.SHOTS, name.replace(/[^a-z0-9]+/gi, "-") + ".png"), fullPage: true});
}

async function within(hash, body, view = kWide) {
  const opened = await reports.open(view, hash);
  try {
    await body(opened.page);
    assert.deepEqual(opened.complaints, []);
  } finally {
    await opened.close();
  }
}
const runHash = (id) => "#run-" + reports.numberOf(id);

test("the run says where its report is", () => {
  assert.equal(reports.status, 1, reports.output);
  assert.match(reports.output, /Report: .*report\.html/);
});

describe("every page, at every width, in both themes", () => {
  for (const view of kViews) {
    for (const id of ["", "found-and-healed", "fails", "inconclusive", "matrix[cause=crash,defence=retry]"]) {
      test(`${id || "overview"}, ${view.name}`, async () => {
        const hash = id ? runHash(id) : "#all";
        const opened = await reports.open(view, hash);
        const {page, complaints, requests} = opened;
        assert.deepEqual(requests, []);
        assert.equal(await overflow(page), 0, "the document is wider than the window");
        await keepShot(page, `${id || "overview"} ${view.name}`);
        assert.deepEqual(await reports.axe(page), []);
        assert.deepEqual(complaints, []);
        await opened.close();
      });
    }
  }
});

test("every panel of a run has data", () => within(runHash("found-and-healed"), async (page) => {
  const panels = await page.locator("section.panel h2").allTextContents();
  assert.deepEqual(panels, ["What happened", "Expectations", "Prediction and measurement", "Metrics", "Log",
    "Again, and everything else"]);
  assert.match(await page.locator(".story").innerText(),
    /n1→n2 died silently at .* \(NAT mapping expired\), found at .* by n1 \(ack_timeout.*healed at .* by a new connection that n1 dialled/);
  assert.ok(await page.locator(".lanes svg rect.state.half").count() >= 2, "half-open bars");
  for (const look of ["died", "found", "healed"]) assert.ok(await page.locator(`.lanes text.call`).count() >= 3, look);
  assert.ok(await page.locator(".lanes path.vote").count() >= 3, "votes");
  assert.ok(await page.locator(".lanes text.step").count() >= 4, "steps");
  assert.equal(await page.locator("tbody .moment-button").count(), 3);
  assert.ok(await page.locator(".plot canvas").count() >= 2);
  assert.ok(await page.locator(".log li").count() > 10);
  assert.ok((await page.locator("section:has(#panel-prediction-and-measurement)").innerText()).length > 30);
  assert.match(await page.locator(".again").innerText(), /halfopen.* run .*found-and-healed\.yaml/);
  // What is drawn on the canvas is not blank.
  const inked = await page.locator(".plot canvas").first().evaluate((canvas) =>
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte !== 0));
  assert.ok(inked);
}));

test("a fault is a band with its name, and a lost vote says so", () => within(runHash("fails"), async (page) => {
  assert.match(await page.locator(".lanes text.band-name").first().textContent(), /blackhole/);
  assert.ok(await page.locator(".lanes rect.band").count() >= 1);
  assert.equal(await page.locator(".lanes text.vote-name", {hasText: "lost"}).count(), 3);
  assert.match(await page.locator(".story").innerText(), /3 of 3 votes from n1 to n2 lost/);
}));

for (const how of ["click", "Enter"]) {
  test(`${how} on a verdict moves lanes and plots to its moment`, () => within(runHash("found-and-healed"), async (page) => {
    const button = page.locator("tbody tr", {hasText: "found"}).locator(".moment-button").first();
    const seconds = Number((await button.textContent()).replace(/[^0-9.]/g, ""));
    const figure = page.locator("#lanes");
    const whole = await figure.evaluate((node) => [Number(node.dataset.begin), Number(node.dataset.end)]);
    if (how === "click") await button.click();
    else await button.press("Enter");
    const seen = await figure.evaluate((node) => ({begin: Number(node.dataset.begin), end: Number(node.dataset.end),
      focused: document.activeElement === node, moment: Number(node.dataset.moment)}));
    assert.ok(Math.abs(seen.moment - seconds * 1000) < 1);
    assert.ok(seen.begin <= seen.moment && seen.moment <= seen.end, JSON.stringify(seen));
    assert.ok(seen.end - seen.begin < whole[1] - whole[0], "it looks closer than before");
    assert.ok(seen.focused, "the lanes have the focus");
    assert.equal(await page.locator(".lanes path.moment").count(), 1);
    assert.match(await page.locator("#live").textContent(), /Moved to .*: \S+, (PASS|FAIL)/);
    assert.ok(await page.locator(".log li.near").count() >= 3);
    const scale = await page.evaluate(() => [shown.plots[0].chart.scales.x.min * 1000, shown.plots[0].chart.scales.x.max * 1000]);
    assert.ok(Math.abs(scale[0] - seen.begin) < 1 && Math.abs(scale[1] - seen.end) < 1, "the plots follow");
  }));
}

test("the lanes zoom and move by keys, buttons and dragging", () => within(runHash("found-and-healed"), async (page) => {
  const figure = page.locator("#lanes");
  const range = () => figure.evaluate((node) => [Number(node.dataset.begin), Number(node.dataset.end)]);
  const whole = await range();
  await figure.focus();
  await page.keyboard.press("+");
  const closer = await range();
  assert.ok(closer[1] - closer[0] < whole[1] - whole[0]);
  await page.keyboard.press("ArrowRight");
  assert.ok((await range())[0] > closer[0]);
  await page.keyboard.press("0");
  assert.deepEqual(await range(), whole);
  await page.getByRole("button", {name: "Zoom in"}).click();
  assert.deepEqual(await range(), closer);
  await page.getByRole("button", {name: "All", exact: true}).click();
  const box = await page.locator(".lanes").boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60);
  await page.mouse.up();
  const dragged = await range();
  assert.ok(dragged[1] - dragged[0] < (whole[1] - whole[0]) * 0.3);
}));

test("everything is reached by the keyboard", () => within(runHash("found-and-healed"), async (page) => {
  const wanted = await page.evaluate(() => [...document.querySelectorAll("a[href], button, summary, input, [tabindex='0']")]
    .filter((node) => node.checkVisibility()).length);
  const reached = new Set();
  for (let press = 0; press < wanted + 5; ++press) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => [...document.querySelectorAll("*")].indexOf(document.activeElement)));
  }
  reached.delete(await page.evaluate(() => [...document.querySelectorAll("*")].indexOf(document.body)));
  assert.ok(reached.size >= wanted, `${reached.size} of ${wanted}`);
}));

test("the overview counts, filters, searches and leads on", () => within("#all", async (page) => {
  const total = reports.index.runs.length;
  const shown = () => page.locator("table.runs tbody tr:visible").count();
  assert.equal(await shown(), total);
  assert.match(await page.locator("h1").textContent(), /1 run of \d+ failed/);
  await page.getByRole("button", {name: /FAIL/}).press("Enter");
  assert.equal(await shown(), 1);
  await page.getByRole("button", {name: /FAIL/}).press("Enter");
  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.type("crashes");
  assert.equal(await shown(), 2);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#lanes");
  assert.match(await page.locator("h1").textContent(), /matrix\[cause=crash/);
}));

test("the matrix is a heat map of its cells", () => within("#all", async (page) => {
  const cells = page.locator("table.heat a.heat-cell");
  assert.equal(await cells.count(), 4);
  assert.match(await cells.nth(0).innerText(), /3 of 3 lost/);
  assert.match(await cells.nth(1).innerText(), /none lost/);
  await cells.nth(3).click();
  await page.waitForSelector("#lanes");
  assert.match(await page.locator("h1").textContent(), /cause=crash,defence=retry/);
}));

test("the theme can be chosen", () => within("#all", async (page) => {
  const color = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await color();
  await page.locator("#theme").click();
  await page.locator("#theme").click();
  assert.match(await page.locator("#theme").textContent(), /dark/);
  assert.notEqual(await color(), light);
}));

test("texts of a scenario stay texts", () => within(runHash("fails"), async (page) => {
  assert.equal(await page.evaluate(() => window.hostile), undefined);
  assert.equal(await page.locator("main img, main b[onclick]").count(), 0);
  assert.match(await page.locator(".claim").textContent(), /<\/script><img src=x onerror="window.hostile=1">/);
}));

test("a run whose picture is gone, and a hostile name, cost no more than that run", async () => {
  const folder = join(reports.folder, "damaged");
  mkdirSync(join(folder, "r"), {recursive: true});
  mkdirSync(join(folder, "good"));
  const index = structuredClone(reports.index);
  const good = index.runs[reports.numberOf("found-and-healed")];
  copyFileSync(join(reports.out, good.folder, "timeline.json"), join(folder, "good", "timeline.json"));
  good.folder = "good";
  const bad = {...good, run: "</script><script>window.hostile=1</script>", folder: "../../r", command: "`x` 'y' <!--"};
  index.runs = [bad, good];
  writeFileSync(join(folder, "runs.json"), JSON.stringify(index));
  writeFileSync(join(folder, "r", "timeline.json"), "{ this is no JSON");
  const out = join(folder, "page.html");
  const made = spawnSync(process.env.HALFOPEN, ["report", folder, "--out", out], {encoding: "utf8"});
  assert.equal(made.status, 0, made.stderr);
  assert.equal(readFileSync(out, "utf8").split("<script>window.hostile").length, 1);
  const opened = await reports.open(kWide, "#run-0", out);
  assert.equal(await opened.page.evaluate(() => window.hostile), undefined);
  assert.match(await opened.page.locator("h1").textContent(), /<\/script><script>/);
  assert.match(await opened.page.locator(".story").innerText(), /damaged/);
  await opened.page.getByRole("link", {name: "Next →"}).click();
  await opened.page.waitForSelector("#lanes");
  assert.deepEqual(opened.complaints, []);
  await opened.close();
});

test("a folder that is no run's is refused in one line", () => {
  const made = spawnSync(process.env.HALFOPEN, ["report", reports.folder], {encoding: "utf8"});
  assert.equal(made.status, 64);
  assert.match(made.stderr, /^halfopen: .*runs\.json.*expected the folder of a `halfopen run`.*\n$/);
});
