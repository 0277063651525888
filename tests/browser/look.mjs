// Opens pages as readers do, in a browser: light, dark, on a phone, on paper.
//
// node look.mjs JOB: a JSON file with [{"file", "judged", "shots": [{"mode", "to", "clip"}]}].
// Keeps the shots, and prints as JSON what is wrong with the pages that are judged, in
// any mode: what axe finds serious, what a page asked the network for, what the browser
// refused it, what is wider than the screen, and what is missing on paper.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const MODES = {
  light: { width: 1000, colorScheme: "light" },
  dark: { width: 1000, colorScheme: "dark" },
  phone: { width: 390, colorScheme: "light" },
  print: { width: 794, colorScheme: "light", media: "print" },
};
const GRAVE = ["serious", "critical"];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

const wrong = [];
for (const job of JSON.parse(readFileSync(process.argv[2], "utf-8"))) {
  for (const [mode, seen] of Object.entries(MODES)) {
    if (!job.judged && !job.shots.some((shot) => shot.mode === mode)) continue;
    for (const problem of await look(job, mode, seen)) {
      wrong.push({ file: job.file, mode, ...problem });
    }
  }
}
await browser.close();
console.log(JSON.stringify(wrong));

async function look(job, mode, { width, colorScheme, media = "screen" }) {
  const problems = [];
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    deviceScaleFactor: 1,
    colorScheme,
  });
  const page = await context.newPage();
  await page.emulateMedia({ media, colorScheme });
  const address = pathToFileURL(job.file).href;
  page.on("request", (request) => {
    if (request.url() !== address) problems.push({ what: "asked", it: request.url() });
  });
  page.on("console", (line) => problems.push({ what: "console", it: line.text() }));
  await page.goto(address);
  if (job.judged) await judge(page, media, problems);
  for (const shot of job.shots.filter((one) => one.mode === mode)) {
    const part = shot.clip ? page.locator(shot.clip) : page;
    await part.screenshot(shot.clip ? { path: shot.to } : { path: shot.to, fullPage: true });
  }
  await context.close();
  return job.judged ? problems : [];
}

async function judge(page, media, problems) {
  const found = await page.evaluate(`${axe.source}; axe.run()`);
  for (const { id, impact, nodes } of found.violations) {
    if (!GRAVE.includes(impact)) continue;
    problems.push({ what: `axe: ${id}`, it: nodes.map((node) => node.html).join(" ") });
  }
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  );
  if (overflow > 0) problems.push({ what: "too wide", it: `${overflow} pixels` });
  if (media === "print") {
    const hidden = await page.evaluate(() =>
      [...document.querySelectorAll("details > :not(summary)")]
        .filter((part) => !part.checkVisibility({ contentVisibilityAuto: true }))
        .map((part) => part.textContent.slice(0, 80)),
    );
    for (const it of hidden) problems.push({ what: "not on paper", it });
  }
}
