// What journeys do and check on any screen.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.ROADBOOK_PICTURES ?? path.resolve("../../target/browser");
mkdirSync(pictures, { recursive: true });

/** Keeps a picture of what is on the screen. */
export async function picture(page, name, options = {}) {
  await page.screenshot({ path: path.join(pictures, `${name}.png`), ...options });
}

/** Signs in at the server's page. */
export async function signIn(page, url, { tenant, login, password }) {
  await page.goto(url);
  await page.getByLabel("Company").fill(tenant);
  await page.getByLabel("Sign-in name").fill(login);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Sets a device up on a machine that has none, with a passphrase; when that began. */
export async function setUp(page, { url, tenant, login, password }, device) {
  await page.getByLabel("Server").fill(url);
  await page.getByLabel("Company").fill(tenant);
  await page.getByLabel("Sign-in name").fill(login);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Name of this device").fill(device);
  const check = page.getByRole("checkbox");
  if (!(await check.isChecked())) await check.check();
  await page.getByLabel("Passphrase", { exact: true }).fill("four words for tests");
  await page.getByLabel("Passphrase once more").fill("four words for tests");
  const begun = performance.now();
  await page.getByRole("button", { name: "Set up" }).click();
  return begun;
}

/** Goes to a place of the page as a person who typed the address. */
export async function goTo(page, place) {
  await page.goto(new URL(place, page.url()).href);
}

/** Waits until the page stands and nothing is being loaded: no skeletons but those on show, and the fonts are there. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector("#main") !== null &&
    [...document.querySelectorAll(".skeleton, [aria-busy=true]")].every((it) => it.closest(".gallery")),
  );
  await page.evaluate(() => document.fonts.ready.then(() => null));
}

/** What axe finds, a line each; nothing is the only right answer. */
export async function faultsForAll(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const results = await window.axe.run(document, {
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return results.violations.map((it) => ({
      id: it.id,
      help: it.help,
      nodes: it.nodes.slice(0, 5).map((node) => `${node.target.join(" ")}: ${node.html.slice(0, 160)}`),
    }));
  });
  return found.map((it) => `${it.id}: ${it.help}\n    ${it.nodes.join("\n    ")}`);
}

/** Says that axe finds nothing, in light and in dark. */
export async function isForAll(page, screen) {
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
    const found = await faultsForAll(page);
    assert.equal(found.join("\n"), "", `axe on ${screen}, ${colorScheme}`);
  }
}

/** Scrolls to the side on purpose: what is beyond the edge is reached by that. */
const SIDEWAYS = ".table-scroll, .board, .tab-list, .plan-nav, .list-bar .chips, .plan-table, .chart-scroll";

/**
 * Says that all there is to read can be read: nothing is wider than what scrolls it, no text is cut
 * off or lies outside its own box, and figures are never shortened. Words may end in an ellipsis
 * where the whole of them stands in a tip.
 */
export async function fits(page, screen) {
  const found = await page.evaluate(lookForCuts, SIDEWAYS);
  assert.deepEqual(found, [], `${screen} does not fit`);
}

/** Runs in the page: what is cut off, a line each. */
function lookForCuts(sideways) {
  const SLACK = 1.5;
  const found = new Set();
  const tell = (what, element, more = "") => {
    const text = (element.innerText ?? "").trim().replace(/\s+/g, " ").slice(0, 50);
    const classes = [...element.classList].slice(0, 3).map((it) => `.${it}`).join("");
    found.add(`${what}: ${element.tagName.toLowerCase()}${classes} “${text}” ${more}`.trim());
  };
  const styles = new Map();
  const style = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";
  const cuts = (overflow) => overflow === "hidden" || overflow === "clip";

  const root = document.scrollingElement;
  if (root.scrollWidth > root.clientWidth + 1) tell("wider than the page", root, `${root.scrollWidth} > ${root.clientWidth}`);
  for (const element of document.querySelectorAll("body *")) {
    if (!scrolls(style(element).overflowX) || element.matches(sideways)) continue;
    if (element.scrollWidth > element.clientWidth + SLACK) {
      const edge = element.getBoundingClientRect().right;
      const over = [...element.querySelectorAll("*")].find(
        (it) => it.getBoundingClientRect().right > edge + SLACK && !it.parentElement.closest(sideways),
      );
      tell("wider than what scrolls it", over ?? element, `${element.scrollWidth} > ${element.clientWidth}`);
    }
  }
  const skip = document.querySelector(".skip:not(:focus)");
  if (skip && skip.getBoundingClientRect().bottom > 0) tell("seen before it is asked for", skip);

  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const holder = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || holder.closest("svg, script, style, .unseen, [hidden], option")) continue;
    if (!holder.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (/, 0\)$/.test(style(holder).color)) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    const boxes = [...range.getClientRects()].filter((it) => it.width > 0);
    if (boxes.length === 0) continue;
    const text = {
      left: Math.min(...boxes.map((it) => it.left)),
      right: Math.max(...boxes.map((it) => it.right)),
      top: Math.min(...boxes.map((it) => it.top)),
      bottom: Math.max(...boxes.map((it) => it.bottom)),
    };
    // The blanks at the end of a line that keeps them hang over its edge.
    if (style(holder).whiteSpace.startsWith("pre")) text.right -= 0.4 * parseFloat(style(holder).fontSize);
    // A line is a little higher than its letters are.
    const lead = 0.2 * parseFloat(style(holder).fontSize) + SLACK;
    const figure = holder.closest(".amount") || (holder.closest(".number") && /^[\d\s.,:%/+-]+$/.test(words.currentNode.data));
    let isOwn = true;
    for (let at = holder; at && at !== document.body; at = at.parentElement) {
      const { clipPath, display, overflowX, overflowY, position } = style(at);
      if (clipPath !== "none") break;
      if (display === "inline" || display === "contents") continue;
      const box = at.getBoundingClientRect();
      const wide = text.left < box.left - SLACK || text.right > box.right + SLACK;
      const high = text.top < box.top - lead || text.bottom > box.bottom + lead;
      if (isOwn && (wide || high) && !cuts(overflowX) && !scrolls(overflowX)) tell("text lies outside its box", at);
      isOwn = false;
      if (cuts(overflowX) && wide) {
        const whole = at.closest("[title], [aria-label]")?.matches(".truncate, .state, .step-name, [title]");
        const isShortened = style(at).textOverflow === "ellipsis" && whole;
        if (figure || !isShortened) tell(figure ? "a figure is cut off" : "text is cut off", at, `“${words.currentNode.data.trim().slice(0, 40)}”`);
        text.left = Math.max(text.left, box.left);
        text.right = Math.min(text.right, box.right);
      }
      if (cuts(overflowY) && high) tell("text is cut off above or below", at, `“${words.currentNode.data.trim().slice(0, 40)}”`);
      if (scrolls(overflowX) || scrolls(overflowY) || position === "fixed" || position === "absolute") break;
    }
  }
  return [...found].slice(0, 12);
}

/** Waits until something holds, looking each time the page paints. */
export async function until(page, what, condition, argument) {
  try {
    await page.waitForFunction(condition, argument);
  } catch (error) {
    throw new Error(`never came: ${what} (${error.message.split("\n")[0]})`);
  }
}

/** The record that is shown: in the panel, else on the page. */
function shown(page) {
  return page.locator("aside.panel, .record-page").last();
}

/** A fact of the record that is shown: label, value and mark. */
export function fact(page, label) {
  return shown(page).locator(".inline").filter({ has: page.locator(`dt:text-is("${label}")`) }).first();
}

/** Edits a fact where it stands, and saves it by Enter. */
export async function edit(page, label, text) {
  await fact(page, label).getByRole("button", { name: new RegExp(`edit ${label}$`) }).click();
  const input = fact(page, label).locator("input, textarea").first();
  await input.fill(text);
  await input.press("Enter");
  await fact(page, label).locator("input, textarea").waitFor({ state: "detached" });
}

/** Edits a fact of several lines where it stands, and saves it. */
export async function write(page, label, text) {
  await fact(page, label).getByRole("button", { name: new RegExp(`edit ${label}$`) }).click();
  const input = fact(page, label).locator("textarea");
  await input.fill(text);
  await input.press("Control+Enter");
  await input.waitFor({ state: "detached" });
}

/** Opens a part of the record that is shown. */
export async function part(page, name) {
  await page.getByRole("tab", { name }).click();
  await settled(page);
}

/** A notice at the edge of the screen. */
export function toast(page, text) {
  return page.locator(".toast").filter({ hasText: text }).last();
}

/** The line that says how things stand with the server. */
export function strip(page, text) {
  return page.locator(".strip").filter({ hasText: text, visible: true }).first();
}

/** Opens a row of a list on a page of its own. */
export async function record(page, list, row) {
  await goTo(page, `/${list}`);
  await page.locator(`#row-${row}`).click();
  await page.getByRole("button", { name: "Open full" }).click();
  await page.locator(".record-page h1").waitFor();
  await settled(page);
}
