// The browser, and what every page is looked at for. See README.md.
import fs from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Headless Chromium that asks nobody but the pages. Its sandbox does not work for root, in a container say. */
export function launch() {
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet,
  });
}

/** What is wrong with the page that is shown: its language, its width, and what axe-core finds. */
export async function faultsOf(page, language) {
  const faults = [];
  const [wide, window, lang] = await page.evaluate(() => {
    const root = document.documentElement;
    return [root.scrollWidth, root.clientWidth, root.lang];
  });
  if (wide > window) faults.push(`${wide} pixels wide in a window of ${window}`);
  if (lang !== language) faults.push(`says it is ${lang}`);
  await page.evaluate(axe);
  const found = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), rules);
  for (const violation of found.violations) {
    faults.push(`${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")}`);
  }
  return faults;
}

/** Tells `report` of everything that a page's policy keeps from happening. */
export function watchPolicy(page, report) {
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) report(message.text());
  });
}
