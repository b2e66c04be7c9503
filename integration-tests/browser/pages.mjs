// Every page of the portal by its links: accessible, within its window, and within its policy. See README.md.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const base = process.env.PORTAL ?? "http://127.0.0.1:7481";
const tenant = process.env.TENANT ?? "musterstadt";
const password = process.env.PASSWORD ?? "correct horse";
const people = { visitor: null, citizen: process.env.CITIZEN ?? "erika@example.org", staff: process.env.STAFF ?? "max@example.org" };
const shots = process.argv.includes("--shots") ? process.argv[process.argv.indexOf("--shots") + 1] : null;
const most = Number(process.env.MOST_PAGES ?? 120);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const faults = [];

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

/** Signs in by keyboard alone. */
async function signIn(page, email) {
  await page.goto(`${base}/${tenant}/konto/anmelden`);
  await page.focus("input[name=email]");
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}

/** What a page is looked at for. */
async function look(page, who, address, language, width) {
  const name = `${who} ${language} ${width} ${address}`;
  await page.setViewport({ width, height: 900 });
  const answer = await page.goto(base + address + (address.includes("?") ? "&" : "?") + `lang=${language}`);
  if (!answer.ok()) faults.push(`${name}: ${answer.status()}`);
  const [wide, lang] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.lang]);
  if (wide > width) faults.push(`${name}: ${wide} pixels wide`);
  if (lang !== language) faults.push(`${name}: says it is ${lang}`);
  await page.evaluate(axe);
  const found = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), rules);
  for (const violation of found.violations) {
    faults.push(`${name}: ${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")}`);
  }
  if (shots && [360, 768, 1440].includes(width)) {
    const file = `${who}-${address.replace(/^\/+|[?].*$/g, "").replaceAll("/", "_") || "start"}-${language}-${width}.png`;
    await page.screenshot({ path: path.join(shots, file), fullPage: true });
  }
}

for (const [who, email] of Object.entries(people)) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(`${who}: ${message.text()}`);
  });
  if (email) await signIn(page, email);
  // What axe needs to be put in; the policy itself is looked at without it.
  const queue = ["/", `/${tenant}`];
  const seen = new Set();
  while (queue.length && seen.size < most) {
    const address = queue.shift();
    const key = address.replace(/[?#].*$/, "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}");
    if (seen.has(key)) continue;
    seen.add(key);
    await page.setBypassCSP(false);
    const answer = await page.goto(base + address);
    if (!(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    const links = await page.evaluate(() => [...document.links].map((link) => link.href));
    for (const link of links) {
      const url = new URL(link);
      const own = url.origin === base && (url.pathname === "/" || url.pathname.startsWith(`/${tenant}`));
      if (own && !/\/berichte\/laeufe\/|\/anhang\//.test(url.pathname)) queue.push(url.pathname + url.search);
    }
    await page.setBypassCSP(true);
    for (const language of ["de", "en"]) {
      for (const width of shots ? [320, 360, 768, 1440] : [320, 1440]) await look(page, who, address, language, width);
    }
  }
  console.log(`${who}: ${seen.size} pages`);
  await context.close();
}
await browser.close();
for (const fault of faults) console.error(fault);
console.log(faults.length ? `${faults.length} faults` : "no faults");
process.exit(faults.length ? 1 : 0);
