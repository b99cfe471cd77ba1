// Runs the scenarios once, and opens their report as a reader would.
import {spawnSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";

const modules = createRequire(join(process.env.MODULES, "package.json"));
const {chromium} = modules("playwright-core");
const axeSource = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
const here = dirname(fileURLToPath(import.meta.url));

export const kViews = [1280, 390].flatMap((width) =>
  ["light", "dark"].map((theme) => ({width, theme, name: `${width} px, ${theme}`})));

export class Reports {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "halfopen-report-"));
    const out = join(this.folder, "out");
    const run = spawnSync(process.env.HALFOPEN, ["run", join(here, "scenarios"), "--out", out],
      {encoding: "utf8", timeout: 120_000});
    this.status = run.status;
    this.output = run.stdout + run.stderr;
    this.out = out;
    this.file = join(out, "report.html");
    this.index = JSON.parse(readFileSync(join(out, "runs.json"), "utf8"));
  }

  numberOf(id) {
    return this.index.runs.findIndex((run) => run.run === id);
  }

  async start() {
    // As root there is no sandbox to be had; the page is our own.
    const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
    this.browser = await chromium.launch({executablePath: process.env.CHROMIUM, args});
  }

  async stop() {
    if (this.browser) await this.browser.close();
    rmSync(this.folder, {recursive: true, force: true});
  }

  // A page at `hash`, and what it complained about and asked for.
  async open(view, hash = "", file = this.file) {
    const context = await this.browser.newContext({viewport: {width: view.width, height: 900},
      colorScheme: view.theme, reducedMotion: "reduce"});
    // A bound on a hang, not on how fast a busy machine is.
    context.setDefaultTimeout(120_000);
    const page = await context.newPage();
    const complaints = [];
    const requests = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.stack));
    page.on("request", (request) => requests.push(request.url()));
    const address = pathToFileURL(file).href;
    await page.goto(address + hash);
    await page.waitForSelector("main h1");
    await page.waitForFunction(() => {
      const boxes = [...document.querySelectorAll(".plot-box")];
      return boxes.every((box) => box.querySelector("canvas"));
    });
    return {page, complaints, requests: requests.filter((url) => !url.startsWith(address)),
      close: () => context.close()};
  }

  async axe(page) {
    await page.evaluate(axeSource);
    const result = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ["violations"]}));
    return result.violations.filter((found) => ["serious", "critical"].includes(found.impact))
      .map((found) => `${found.id}: ${found.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + " " +
        node.any.map((check) => check.message).join("; ")).join(" | ")}`);
  }
}

// How far the document is wider than the window: what a phone would scroll sideways.
export const overflow = (page) => page.evaluate(() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth);
