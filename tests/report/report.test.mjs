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
const runHash = (id) => "#run=" + encodeURIComponent(id);

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

test("the overview says first what happened, and of a control that it failed as it must", () => within("#all", async (page) => {
  const row = (id) => page.locator("table.runs tbody tr").filter({has: page.getByRole("link", {name: id, exact: true})});
  const failed = await row("fails").locator("td[data-label='What happened']").innerText();
  assert.match(failed, /^n1→n2 died .*3 of 3 votes from n1 to n2 lost\.\s+Did not hold: arrives\.$/s);
  const control = await row("fails/control:no-vote").innerText();
  assert.match(control, /failed as it must/);
  assert.match(control, /Control: arrives failed, as it must here\./);
  assert.doesNotMatch(control, /PASS/);
}));

test("a control's page says that it failed as it must, in its title and its expectations",
  () => within(runHash("fails/control:no-vote"), async (page) => {
    assert.match(await page.locator("h1").innerText(), /failed as it must/);
    assert.match(await page.locator("tbody tr").filter({hasText: "arrives"}).first().innerText(), /failed as it must/);
  }));

for (const hash of ["#run=fails-no-more", "#run=%E0%A4%A", "#run-0", "#nonsense"]) {
  test(`${hash} leads to the overview, which says that there is no such run`, () => within(hash, async (page) => {
    assert.match(await page.locator(".missing").innerText(), /No run of this name in this report/);
    assert.equal(await page.locator("table.runs tbody tr").count(), reports.index.runs.length);
  }));
}

test("no words of the lanes leave the picture or lie upon a mark, wherever a vote is cast", async () => {
  for (const view of kViews.filter(({theme}) => theme === "light")) {
    await within(runHash("fails"), async (page) => {
      for (const share of [0.55, 0.75, 0.9, 0.97, 0.995, 1]) {
        const clashes = await page.evaluate((share) => {
          // The first vote's cast, moved through the picture by the choice of the part in view.
          const cast = shown.picture.votes[0].cast;
          // Not by set(), which stops at the run's begin, and a fast machine casts early.
          shown.view.begin = cast - share * 2000;
          shown.view.end = shown.view.begin + 2000;
          shown.view.followers.forEach((follower) => follower(shown.view));
          const box = (node) => node.getBoundingClientRect();
          const svg = box(document.querySelector(".lanes svg"));
          const marks = [...document.querySelectorAll(".lanes .mark circle, .lanes .cast")].map(box);
          return [...document.querySelectorAll(".lanes .vote-name, .lanes .call")].filter((node) => {
            const text = box(node);
            const upon = (mark) => text.left < mark.right - 1 && text.right > mark.left + 1 &&
              text.top + 4 < mark.bottom && text.bottom - 4 > mark.top;
            return text.right > svg.right + 1 || text.left < svg.left - 1 || marks.some(upon);
          }).map((node) => node.textContent);
        }, share);
        assert.deepEqual(clashes, [], `${view.name}, cast at ${share} of the picture`);
      }
    }, view);
  }
});

test("on a phone the cause of a death is there in full", () => within(runHash("found-and-healed"), async (page) => {
  const said = (await page.locator(".lanes text.call.bad").allTextContents()).join(" ");
  assert.match(said, /NAT mapping expired/);
}, kViews.find(({width}) => width === 390)));

test("a time in a sentence reads as in the cells", () => within("#all", async (page) => {
  assert.equal(await page.evaluate(() => plainTimes("2s600ms to 4s200ms, then 1s5ms, 1m2s600ms and 3s")),
    "2.6 s to 4.2 s, then 1.005 s, 1m2s600ms and 3s");
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
  const opened = await reports.open(kWide, runHash(bad.run), out);
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
