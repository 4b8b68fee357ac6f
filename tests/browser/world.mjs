// The one company and the one Chromium that all journeys share, and the way into a page.

import assert from "node:assert/strict";
import { after } from "node:test";

import { browserOf, launch } from "./chromium.mjs";
import { Company } from "./company.mjs";
import { picture, settled, signIn } from "./face.mjs";

/** Longer than this, and a journey has failed. */
export const JOURNEY = { timeout: 180_000 };

/** How long a device may take to find out that its line is back: it tries less often meanwhile. */
export const BACK = { timeout: 90_000 };

const began = performance.now();
export const company = await Company.found();
export const chromium = await launch();
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(`the company is founded and Chromium ${chromium.version()} is open, after ${seconds} s`);

after(async () => {
  await chromium.close();
  await company.end();
});

/** Waits until the page let somebody in. */
export function inside(page) {
  return page.locator("nav[aria-label=Main]:visible").first().waitFor();
}

/** Stops the server for a part of a journey; the others find one, however it ends. */
export async function withoutServer(part) {
  await company.order("stop_server");
  try {
    await part();
  } finally {
    await company.order("start_server");
  }
}

/** Kills a rep's app as it stands, starts it again, and comes back into its page. */
export async function killed(page, who) {
  await company.order("kill", { who });
  await company.order("serve_again", { who });
  await page.goto(await company.link(who));
  await inside(page);
  await settled(page);
}

/**
 * Visits a page and leaves it again. When the journey fails, a picture of where it failed is kept;
 * when it does not, the page must have run without a fault.
 */
async function visit(options, enter, journey) {
  const context = await browserOf(chromium, options);
  const page = await context.newPage();
  try {
    await enter(page);
    await journey(page, context);
    assert.deepEqual(context.faults, [], "the page ran without a fault");
  } catch (error) {
    await picture(page, `failed-${options.name ?? "journey"}`).catch(() => {});
    throw error;
  } finally {
    await context.close();
  }
}

/** Visits a rep's own app: `Ben` or `Ana`. */
export function atRep(who, options, journey) {
  const enter = async (page) => {
    await page.goto(await company.link(who));
    if (options.blank) return;
    await inside(page);
    await settled(page);
  };
  return visit({ name: who, ...options }, enter, journey);
}

/** Visits the server's page, where somebody signs in: Mia, if nobody else is named. */
export function atServer(options, journey) {
  const { url, ...mia } = company.manager;
  const enter = async (page) => {
    await signIn(page, url, { ...mia, ...options.who });
    await inside(page);
    await settled(page);
  };
  return visit({ name: "server", ...options }, enter, journey);
}

/** Visits the server's page as somebody who has not signed in. */
export function atDoor(options, journey) {
  const enter = async (page) => {
    await page.goto(company.manager.url);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  };
  return visit({ name: "door", ...options }, enter, journey);
}
