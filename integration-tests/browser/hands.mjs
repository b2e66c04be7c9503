// Two ways to use a page, with the same deeds. A thing is named as its label or text says, and may be told apart by what
// stands in the same box with it.

/** What may be around a thing that is named. */
const BOXES = "li, form, section, tr, nav, header, footer";
const STEPS = 400;

/** The one thing on the page of this name. What there is instead is told. */
async function find(page, kinds, name, beside) {
  const handle = await page.evaluateHandle(
    (kinds, name, beside, boxes) => {
      const line = (text) => (text ?? "").replace(/\s+/g, " ").trim();
      const called = (thing) => thing.ariaLabel || line([...(thing.labels ?? [])].map((label) => label.textContent).join(" ")) || line(thing.textContent);
      const isBeside = (thing) => line(thing.closest(boxes)?.textContent).includes(beside);
      const all = [...document.querySelectorAll(kinds)].filter((thing) => thing.getClientRects().length > 0);
      const found = all.filter((thing) => called(thing).startsWith(name) && (!beside || isBeside(thing)));
      const exact = found.filter((thing) => called(thing) === name);
      // Links of one name to one place are one, to whoever follows them.
      const isFirst = (thing, index, among) => !thing.href || among.findIndex((other) => other.href === thing.href) === index;
      const chosen = (exact.length > 0 ? exact : found).filter(isFirst);
      return chosen.length === 1 ? chosen[0] : { found: found.length, all: all.map(called) };
    },
    kinds,
    name,
    beside,
    BOXES,
  );
  const element = handle.asElement();
  if (element) return element;
  const { found, all } = await handle.jsonValue();
  throw new Error(`${page.url()}: ${found} of ${name}${beside ? ` beside ${beside}` : ""}; there is: ${all.join(" | ")}`);
}

const FIELDS = "input:not([type=hidden]):not([type=checkbox]), textarea";

class Hand {
  constructor(page) {
    this.page = page;
  }

  /** By a link. */
  async follow(name, beside = "") {
    await this.leave(await find(this.page, "a[href]", name, beside));
  }

  /** By a button. */
  async press(name, beside = "") {
    await this.leave(await find(this.page, "button", name, beside));
  }

  async leave(thing) {
    const place = await this.go(thing);
    const [answer] = await Promise.all([this.page.waitForNavigation({ timeout: 20_000 }), this.use(place, "Enter")]);
    if (answer && !answer.ok()) throw new Error(`${this.page.url()}: ${answer.status()}`);
  }

  /** Follows a link to a file, which leaves the page where it is. */
  async take(name) {
    await this.use(await this.go(await find(this.page, "a[href]", name, "")), "Enter");
  }

  async enter(name, text) {
    await this.use(await this.go(await find(this.page, FIELDS, name, "")));
    await this.page.keyboard.type(text);
  }

  async tick(name, beside = "") {
    const box = await find(this.page, "input[type=checkbox]", name, beside);
    await this.use(await this.go(box), "Space");
    if (!(await box.evaluate((box) => box.checked))) throw new Error(`${name} is not ticked`);
  }
}

/** Turns the wheel until a thing is in the window, and clicks at its place, where nothing may lie over it. */
export class Mouse extends Hand {
  static title = "mouse";

  async go(thing) {
    for (let turn = 0; turn < STEPS; turn += 1) {
      const { x, y, off, hit } = await thing.evaluate((thing) => {
        const { left, top, width, height } = thing.getClientRects()[0];
        const [x, y] = [left + width / 2, top + Math.min(height / 2, 40)];
        const off = y < 0 ? y - 100 : y > innerHeight ? y - innerHeight + 100 : 0;
        const at = document.elementFromPoint(x, y);
        return { x, y, off, hit: thing.contains(at) || [...(thing.labels ?? [])].some((label) => label.contains(at)) };
      });
      if (off === 0) {
        if (!hit) throw new Error(`${this.page.url()}: something lies over ${await thing.evaluate((thing) => thing.outerHTML)}`);
        return [x, y];
      }
      await this.page.mouse.move(5, 300);
      await this.page.mouse.wheel({ deltaY: off });
      await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    }
    throw new Error(`${this.page.url()}: the wheel does not reach ${await thing.evaluate((thing) => thing.outerHTML)}`);
  }

  use([x, y]) {
    return this.page.mouse.click(x, y);
  }
}

/** Tab, Shift+Tab, Enter, Space and letters, and nothing else. Wherever the focus comes it must be seen. */
export class Keyboard extends Hand {
  static title = "keyboard";

  async go(thing) {
    await this.skip(thing);
    for (let step = 0; step < STEPS; step += 1) {
      const where = await thing.evaluate((thing) => {
        const now = document.activeElement;
        if (now === thing) return "there";
        return now.compareDocumentPosition(thing) & Node.DOCUMENT_POSITION_PRECEDING && now !== document.body ? "before" : "behind";
      });
      if (where === "there") return;
      if (where === "before") await this.page.keyboard.down("Shift");
      await this.page.keyboard.press("Tab");
      if (where === "before") await this.page.keyboard.up("Shift");
      await this.see();
    }
    throw new Error(`${this.page.url()}: Tab does not reach ${await thing.evaluate((thing) => thing.outerHTML)}`);
  }

  async use(_, key) {
    if (key) await this.page.keyboard.press(key);
  }

  /** From the top of a page to what is in its middle: by the link for that. */
  async skip(thing) {
    const isFar = await thing.evaluate((thing) => document.activeElement === document.body && thing.closest("main") !== null);
    if (!isFar || !(await this.page.$("a.skip"))) return;
    await this.page.keyboard.press("Tab");
    await this.see();
    await this.page.keyboard.press("Enter");
    await this.page.waitForFunction(() => document.activeElement?.localName === "main", { timeout: 5_000 });
  }

  /** What has the focus is in the window, under nothing, and has an outline that stands out against what is around it. */
  async see() {
    const fault = await this.page.evaluate(() => {
      const thing = document.activeElement;
      // Past the last thing the focus is with the browser itself.
      if (thing === document.body || thing.localName === "html") return "";
      const rects = [...thing.getClientRects()];
      const isShown = rects.some(({ left, top, right, bottom }) => {
        const [x, y] = [(Math.max(left, 0) + Math.min(right, innerWidth)) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2];
        return x > left && x < right && y > top && y < bottom && thing.contains(document.elementFromPoint(x, y));
      });
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(thing);
      const light = (colour) => {
        const parts = colour.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255);
        const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      let around = thing.parentElement;
      const isClear = (colour) => colour === "transparent" || /, 0\)$/.test(colour);
      while (around && isClear(getComputedStyle(around).backgroundColor)) around = around.parentElement;
      const [one, other] = [light(outlineColor), around ? light(getComputedStyle(around).backgroundColor) : 1];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      const isMarked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && contrast >= 3;
      if (isShown && isMarked) return "";
      return `${thing.outerHTML.slice(0, 160)}: ${isShown ? "" : "not in sight "}${isMarked ? "" : `outline ${outlineStyle} ${outlineWidth} ${outlineColor}, contrast ${contrast.toFixed(2)}`}`;
    });
    if (fault) throw new Error(`${this.page.url()}: the focus is not seen: ${fault}`);
  }
}
