// Every page of the portal by its links: accessible, within its window, and within its policy. See README.md.
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { faultsOf, launch, watchPolicy } from "./chromium.mjs";

const { values } = parseArgs({
  options: {
    // How many pages of a kind are looked at, e.g. datasets.
    "of-a-kind": { type: "string", default: "2" },
    width: { type: "string", multiple: true, default: ["320", "1440"] },
    // Keeps pictures here, in the light and in the dark.
    shots: { type: "string" },
  },
});
const base = process.env.PORTAL ?? "http://127.0.0.1:7481";
const tenant = process.env.TENANT ?? "musterstadt";
const password = process.env.PASSWORD ?? "correct horse";
const people = { visitor: null, citizen: process.env.CITIZEN ?? "erika@example.org", staff: process.env.STAFF ?? "max@example.org" };
/** How many of a kind are read for their links: not every procedure has a text. */
const READ = 8;
const widths = values.shots ? [360, 768, 1440] : values.width.map(Number);
const faults = [];

async function signIn(page, email) {
  await page.goto(`${base}/${tenant}/konto/anmelden`);
  await page.type("input[name=email]", email);
  await page.type("input[name=password]", password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}

/** Addresses of the tenant's pages that this one links to; the way to an identity provider leads elsewhere. */
async function linked(page) {
  const links = await page.evaluate(() => [...document.links].map((link) => link.href));
  const own = links.map((link) => new URL(link)).filter((url) => url.origin === new URL(base).origin);
  const pages = own.filter((url) => url.pathname === "/" || `${url.pathname}/`.startsWith(`/${tenant}/`));
  return pages.filter((url) => !/\/anhang\/|\/mit\/|[?&](als|lang)=/.test(url.pathname + url.search)).map((url) => url.pathname + url.search);
}

async function picture(page, name) {
  for (const shade of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: shade }]);
    await page.screenshot({ path: path.join(values.shots, `${name}-${shade}.png`), fullPage: true });
  }
  await page.emulateMediaFeatures([]);
}

/** Looks at a page in a language and in all widths. */
async function look(page, who, address, language) {
  for (const width of widths) {
    await page.setViewport({ width, height: 900 });
    const answer = await page.goto(base + address + (address.includes("?") ? "&" : "?") + `lang=${language}`);
    const name = `${who} ${language} ${width} ${address}`;
    if (!answer.ok()) faults.push(`${name}: ${answer.status()}`);
    for (const fault of await faultsOf(page, language)) faults.push(`${name}: ${fault}`);
    const called = address.replace(/^\/+|[?].*$/g, "").replaceAll("/", "_") || "start";
    if (values.shots) await picture(page, `${who}-${called}-${language}-${width}`);
  }
}

if (values.shots) fs.mkdirSync(values.shots, { recursive: true });
const browser = await launch();
try {
  for (const [who, email] of Object.entries(people)) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    watchPolicy(page, (text) => faults.push(`${who} ${page.url()}: ${text}`));
    if (email) await signIn(page, email);
    const queue = ["/", `/${tenant}`];
    const known = new Set(queue);
    const kinds = new Map();
    let looked = 0;
    while (queue.length) {
      const address = queue.shift();
      const kind = address.replace(/[?#].*$/, "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}");
      const before = kinds.get(kind) ?? 0;
      if (before >= READ) continue;
      const answer = await page.goto(base + address);
      if (!(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
      kinds.set(kind, before + 1);
      for (const link of await linked(page)) {
        if (!known.has(link)) queue.push(link);
        known.add(link);
      }
      if (before >= Number(values["of-a-kind"])) continue;
      looked += 1;
      for (const language of ["de", "en"]) await look(page, who, address, language);
    }
    console.log(`${who}: ${looked} pages of ${kinds.size} kinds`);
    await context.close();
  }
} finally {
  await browser.close();
}
for (const fault of faults) console.error(fault);
console.log(faults.length ? `${faults.length} faults` : "no faults");
process.exit(faults.length ? 1 : 0);
