// Chromium, and pages in it as people have them: on a desk, on a phone, in one theme or the other.

import { chromium } from "playwright-core";

const executablePath = process.env.ROADBOOK_CHROMIUM ?? "/usr/bin/chromium";

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const DESK = { viewport: { width: 1280, height: 800 } };
export const PHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};

/** A step that the page does not take within this time has failed. */
export const PATIENCE_MS = 30_000;

export async function launch() {
  return chromium.launch({ executablePath, args, headless: true });
}

/**
 * A browser of somebody's own: no cookies of others. What goes wrong in its pages, and what it
 * fetches from elsewhere, is collected in `faults`.
 */
export async function browserOf(browser, { shape = DESK, theme = "light" } = {}) {
  const context = await browser.newContext({
    ...shape,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    colorScheme: theme === "dark" ? "dark" : "light",
    contrast: theme === "contrast" ? "more" : "no-preference",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  context.faults = [];
  context.on("page", (page) => {
    page.on("pageerror", (error) => context.faults.push(`${error}`));
    page.on("console", (message) => {
      const text = message.text();
      const isFault = message.type() === "error" && !text.startsWith("Failed to load resource");
      if (isFault) context.faults.push(text);
    });
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      const isOurs = hostname === "127.0.0.1" || protocol === "data:" || protocol === "blob:";
      if (!isOurs) context.faults.push(`it asked ${hostname} for something`);
    });
  });
  return context;
}
