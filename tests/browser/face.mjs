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

/** Goes to a place of the page as a person who typed the address. */
export async function goTo(page, place) {
  await page.goto(new URL(place, page.url()).href);
}

/** Waits until nothing is being loaded: no skeletons, and the fonts are there. */
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector(".skeleton, [aria-busy=true]"));
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

/** Says that axe finds nothing. */
export async function isForAll(page, screen) {
  const found = await faultsForAll(page);
  assert.equal(found.join("\n"), "", `axe on ${screen}`);
}

/** Says that nothing is wider than the page, and no text is cut off at its box. */
export async function fits(page, screen) {
  const wide = await page.evaluate(() => {
    const page = document.scrollingElement;
    if (page.scrollWidth <= page.clientWidth + 1) return [];
    const all = [...document.querySelectorAll("body *")];
    const over = all.filter((it) => it.getBoundingClientRect().right > page.clientWidth + 1);
    return [`${page.scrollWidth} > ${page.clientWidth}`, ...over.slice(0, 5).map((it) => it.outerHTML.slice(0, 120))];
  });
  assert.deepEqual(wide, [], `${screen} is wider than the page`);
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
