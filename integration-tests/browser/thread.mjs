// The thread through all services as people walk it: a citizen comments on a text, a moderator publishes it, the
// administration answers, and synopsis, dataset and report show it to everybody; by mouse and by keyboard alone, in both
// languages, each page looked at. See README.md.
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { faultsOf, launch, watchPolicy } from "./chromium.mjs";
import { Keyboard, Mouse } from "./hands.mjs";
import { words } from "./words.mjs";

const base = process.env.PORTAL ?? "http://127.0.0.1:7480";
const tenant = process.env.TENANT ?? "brandis";
const password = process.env.PASSWORD;
const people = {
  citizen: process.env.CITIZEN ?? "buergerin-1@demo.example",
  moderation: process.env.MODERATION ?? `moderation@${tenant}.example`,
  administration: process.env.ADMINISTRATION ?? `verwaltung@${tenant}.example`,
};
/** How long an answer may take to come into the dataset, which publishes itself. */
const PATIENCE_MS = 150_000;

/** One walk, from the first page to the report. */
class Walk {
  constructor(page, Hand, language, width, downloads) {
    Object.assign(this, { page, hand: new Hand(page), language, downloads, m: words[language] });
    this.title = `${Hand.title} ${language} ${width}`;
    this.faults = [];
    this.pages = new Set();
    this.mark = crypto.randomUUID().slice(0, 8);
    this.comment = `Bitte nennen Sie auch, wer ansprechbar ist. (${this.mark})`;
    this.answer = `Vielen Dank. Wir nehmen den Hinweis auf. (${this.mark})`;
    watchPolicy(page, (text) => this.faults.push(`${this.title} ${page.url()}: ${text}`));
  }

  /** Looks at the page that is shown. */
  async look() {
    const address = new URL(this.page.url()).pathname;
    this.pages.add(address);
    for (const fault of await faultsOf(this.page, this.language)) this.faults.push(`${this.title} ${address}: ${fault}`);
  }

  /** Links one after the other. A link is its name, or its name and what stands beside it. */
  async follow(...links) {
    for (const link of links) {
      await this.hand.follow(...[link].flat());
      await this.look();
    }
  }

  async press(button, beside) {
    await this.hand.press(button, beside);
    await this.look();
  }

  async says(text) {
    const all = await this.page.evaluate(() => document.body.innerText.replace(/\s+/g, " "));
    if (!all.includes(text)) throw new Error(`${this.title} ${this.page.url()}: does not say ${text}: ${all.slice(0, 2_000)}`);
  }

  async saysNot(text) {
    const all = await this.page.evaluate(() => document.body.innerText.replace(/\s+/g, " "));
    if (all.includes(text)) throw new Error(`${this.title} ${this.page.url()}: says ${text}`);
  }

  async signIn(email) {
    await this.follow(this.m.sign_in);
    await this.hand.enter(this.m.email, email);
    await this.hand.enter(this.m.password, password);
    await this.press(this.m.sign_in, this.m.password);
  }

  async signOut() {
    await this.press(this.m.sign_out);
    await this.says(this.m.signed_out);
  }

  /** From wherever it is to the text that people are asked about. */
  async toText() {
    await this.follow(this.m.procedures, ["", this.m.phase_open], this.m.read_and_comment);
  }

  /** To what there is to do for the administration in the procedure of that text. */
  async toTasks() {
    await this.follow(this.m.administration, ["", this.m.phase_open]);
  }

  async whole() {
    await this.page.goto(`${base}/${tenant}`);
    if ((await this.page.evaluate(() => document.documentElement.lang)) !== this.language) await this.follow(this.m.own_name);
    else await this.look();
    const before = await this.answersReported();
    await this.comments();
    await this.publishes();
    await this.answers();
    await this.reads();
    const after = await this.answersReported();
    if (after !== before + 1) throw new Error(`the report counts ${after} answers, where there were ${before} and one more`);
    return this;
  }

  async comments() {
    await this.signIn(people.citizen);
    await this.toText();
    const headings = await this.page.$$eval("section.text :is(h2, h3, h4)", (all) => all.map((one) => one.textContent));
    await this.follow(["", `– ${headings.at(-1)}`]);
    await this.hand.enter(this.m.your_comment, this.comment);
    await this.hand.tick(this.m.grant_licence, this.m.send_comment);
    await this.press(this.m.send_comment);
    await this.says(this.m.received);
    await this.says(this.comment);
    await this.signOut();
    await this.toText();
    await this.follow(this.m.synopsis);
    await this.saysNot(this.comment);
  }

  async publishes() {
    await this.signIn(people.moderation);
    await this.toTasks();
    await this.follow(this.m.moderation, ["", this.mark]);
    await this.says(this.comment);
    await this.press(this.m.decide);
    await this.says(this.m.decided);
    await this.saysNot(this.comment);
    await this.signOut();
  }

  async answers() {
    await this.signIn(people.administration);
    await this.toTasks();
    await this.follow(this.m.unanswered, ["", this.mark]);
    await this.hand.enter(this.m.answer, this.answer);
    await this.press(this.m.publish_answer);
    await this.says(this.m.answered);
    await this.reports();
    await this.signOut();
  }

  /** Runs the town's report anew, looks at it, and publishes it. */
  async reports() {
    await this.follow(this.m.administration, this.m.make_reports, this.m.report);
    await this.press(this.m.run_report);
    await this.says(this.m.ran);
    await this.follow([this.m.preview, this.m.not_published]);
    await this.back();
    await this.press(this.m.publish, this.m.publish_run);
    await this.says(this.m.published);
  }

  /** The browser's own way back: a report is a page without the portal around it. */
  async back() {
    await this.page.goBack();
    await this.look();
  }

  /** How many answers the published report counts. */
  async answersReported() {
    await this.follow(this.m.reports, this.m.report, this.m.read_report);
    const find = (all, name) => all.find((one) => one.textContent === name)?.nextElementSibling?.textContent;
    const number = Number(await this.page.$$eval("dt", find, this.m.contributions_answered));
    if (!Number.isInteger(number)) throw new Error(`${this.page.url()}: does not count answers`);
    await this.back();
    return number;
  }

  /** As everybody: the synopsis, and the dataset made of it. */
  async reads() {
    await this.toText();
    await this.follow(this.m.synopsis);
    await this.says(this.comment);
    await this.says(this.answer);
    await this.follow(this.m.data);
    while (!(await this.page.$$eval(".card", (all, name) => all.some((one) => one.innerText.includes(name)), this.m.synopsis))) {
      await this.follow(this.m.more);
    }
    await this.follow(["", this.m.synopsis_of]);
    await this.file(".csv");
  }

  /** Downloads the file until it has what was written, anew after each version that has not. */
  async file(ending) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const names = await this.page.$$eval("tbody a", (all) => all.map((one) => one.textContent));
      const text = await this.downloads.during(() => this.hand.take(names.find((name) => name.endsWith(ending))));
      if (text.includes(this.comment) && text.includes(this.answer)) return;
      if (Date.now() > end) throw new Error(`${this.title}: the dataset does not have the comment: ${text.slice(0, 2_000)}`);
      await new Promise((done) => setTimeout(done, 500));
      await this.page.reload();
    }
  }
}

/** Files that the browser saves. */
class Downloads {
  constructor(session, folder) {
    Object.assign(this, { session, folder });
  }

  static async of(browser, context) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "allmende-thread-"));
    const session = await browser.target().createCDPSession();
    const how = { behavior: "allowAndName", downloadPath: folder, eventsEnabled: true, browserContextId: context.id };
    await session.send("Browser.setDownloadBehavior", how);
    return new Downloads(session, folder);
  }

  /** The text of the file that is saved while something is done. */
  async during(deed) {
    const saved = new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error("nothing was downloaded")), 20_000);
      const told = ({ guid, state }) => {
        if (state === "inProgress") return;
        clearTimeout(late);
        this.session.off("Browser.downloadProgress", told);
        state === "completed" ? done(path.join(this.folder, guid)) : fail(new Error(`the download was ${state}`));
      };
      this.session.on("Browser.downloadProgress", told);
    });
    const [file] = await Promise.all([saved, deed()]);
    return fs.readFileSync(file, "utf8");
  }

  end() {
    fs.rmSync(this.folder, { recursive: true });
  }
}

const faults = [];
const browser = await launch();
try {
  for (const [Hand, language, width] of [[Mouse, "de", 1440], [Mouse, "en", 360], [Keyboard, "de", 768], [Keyboard, "en", 1440]]) {
    const context = await browser.createBrowserContext();
    const downloads = await Downloads.of(browser, context);
    const page = await context.newPage();
    await page.setViewport({ width, height: 900 });
    // Without it, whether a thing is in the window would depend on how far a movement has come.
    await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    const walk = new Walk(page, Hand, language, width, downloads);
    try {
      await walk.whole();
      console.log(`${walk.title}: ${walk.pages.size} pages`);
    } catch (error) {
      faults.push(`${walk.title}: ${error.message}`);
    }
    faults.push(...walk.faults);
    downloads.end();
    await context.close();
  }
} finally {
  await browser.close();
}
for (const fault of new Set(faults)) console.error(fault);
console.log(faults.length ? `${faults.length} faults` : "no faults");
process.exit(faults.length ? 1 : 0);
