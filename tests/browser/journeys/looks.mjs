// Every screen against real records, on a desk and on a phone, in each theme: a picture for people
// to judge, and axe for those who hear it, press keys, or need contrast; then with text at 200 %,
// and from right to left.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DESK, PHONE } from "../chromium.mjs";
import { faultsForAll, fits, goTo, picture, settled } from "../face.mjs";
import { atDoor, atRep, atServer } from "../world.mjs";

const LONG = { timeout: 240_000 };

/** The screens of a rep's own app; `do` opens what an address cannot. */
const OF_A_REP = [
  { name: "today", at: "/today" },
  { name: "pipeline", at: "/pipeline" },
  { name: "pipeline-list", at: "/pipeline?q=list" },
  { name: "accounts", at: "/accounts" },
  { name: "contacts", at: "/contacts" },
  { name: "leads", at: "/leads" },
  { name: "quotes", at: "/quotes" },
  { name: "tasks", at: "/tasks" },
  { name: "forecast", at: "/forecast" },
  { name: "hot", at: "/hot" },
  { name: "scoring", at: "/scoring" },
  { name: "route", at: "/route" },
  { name: "territories", at: "/territories" },
  { name: "quotas", at: "/quotas" },
  { name: "assignment", at: "/assignment" },
  { name: "search", at: "/search?q=hansen" },
  { name: "queue", at: "/queue" },
  { name: "settings", at: "/settings" },
  { name: "sync", at: "/sync" },
  { name: "more", at: "/more" },
  { name: "not-found", at: "/nowhere" },
  { name: "account", at: "/accounts", do: full },
  { name: "opportunity", at: "/opportunities", do: full },
  { name: "contact", at: "/contacts", do: full },
  { name: "lead", at: "/leads", do: full },
  { name: "panel", at: "/opportunities", do: (page) => page.locator("#row-1").click() },
  { name: "new-opportunity", at: "/opportunities", do: (page) => page.getByRole("button", { name: "New opportunity" }).first().click() },
  { name: "quick-log", at: "/today", do: quickLog },
  // The components in all their states: which of them a record shows is up to the data. The page
  // itself is for developers, and need not fit a phone.
  { name: "components", at: "/components", fits: DESK },
];

const OF_A_MANAGER = [
  { name: "manager-today", at: "/today" },
  { name: "review", at: "/review" },
  { name: "review-conflict", at: "/review", do: (page) => page.locator(".inbox-line").first().click() },
  { name: "manager-settings", at: "/settings" },
  { name: "manager-forecast", at: "/forecast" },
  { name: "manager-hot", at: "/hot" },
  { name: "manager-territories", at: "/territories" },
  { name: "manager-quotas", at: "/quotas" },
  { name: "manager-assignment", at: "/assignment" },
];

/** What opens over a screen, and screens that are no place of a day; what only a keyboard opens is on a desk. */
const OPENED = [
  { name: "palette", at: "/today", on: "desk", do: (page) => page.keyboard.press("Control+k") },
  { name: "palette-found", at: "/today", on: "desk", do: find },
  { name: "menu", at: "/pipeline", do: (page) => page.getByRole("button", { name: /^Move .* to$/ }).first().click() },
  { name: "keys", at: "/today", on: "desk", do: (page) => dialog(page, () => page.keyboard.press("?")) },
  { name: "filter", at: "/accounts", do: (page) => dialog(page, () => press(page, "Filter")) },
  { name: "save-view", at: "/accounts?q=tier%3DA", do: (page) => dialog(page, () => press(page, "Save view")) },
  { name: "selected", at: "/accounts", do: select },
  { name: "tag", at: "/accounts", do: tag },
  { name: "scoring-trained", at: "/scoring", do: train },
  { name: "score-reasons", at: "/hot", do: (page) => page.locator(".hot-why summary").first().click() },
  { name: "why-this-value", at: "/accounts", do: why },
  { name: "passphrase", at: "/settings", do: (page) => dialog(page, () => page.getByRole("button", { name: /passphrase/ }).click()) },
  { name: "new-lead", at: "/leads", do: (page) => dialog(page, () => make(page, "l")) },
  { name: "new-task", at: "/tasks", do: (page) => dialog(page, () => make(page, "t")) },
  { name: "new-note", at: "/accounts", do: note },
  { name: "unlock", at: "/today", do: lock },
];

const THEMES = {
  light: { colorScheme: "light", contrast: "no-preference" },
  dark: { colorScheme: "dark", contrast: "no-preference" },
  contrast: { colorScheme: "light", contrast: "more" },
};

async function full(page) {
  await page.locator("#row-1").click();
  const open = page.getByRole("button", { name: "Open full" });
  await open.click();
  await page.locator(".record-page h1").waitFor();
}

function press(page, name) {
  return page.getByRole("button", { name, exact: true }).first().click();
}

async function dialog(page, open) {
  await open();
  await page.getByRole("dialog").waitFor();
}

async function find(page) {
  await page.keyboard.press("/");
  await page.keyboard.type("hansen");
  await page.getByRole("option", { name: /^All results/ }).waitFor();
}

async function select(page) {
  await page.locator("#row-1 [role=checkbox]").click();
  await page.getByRole("toolbar").waitFor();
}

async function tag(page) {
  await select(page);
  await dialog(page, () => page.getByRole("toolbar").getByRole("button", { name: /tag/i }).click());
}

async function train(page) {
  const button = page.getByRole("button", { name: "Train", exact: true }).first();
  await button.click();
  // What was trained before is still in use while this goes on.
  await settled(page);
  await page.getByText("In use").first().waitFor({ timeout: 60_000 });
}

async function make(page, key) {
  await page.keyboard.press("n");
  await page.keyboard.press(key);
}

async function note(page) {
  await full(page);
  await dialog(page, () => make(page, "n"));
}

/** The history of one field of a record. */
async function why(page) {
  await full(page);
  await dialog(page, () => page.locator("dd .mark:not(.mark-disputed)").first().click());
}

/** A device whose passphrase is asked for: the app says so, the device itself stays open. */
async function lock(page) {
  await page.route("**/api/show_session", async (route) => {
    const answer = await route.fetch();
    const said = await answer.text();
    await route.fulfill({ response: answer, body: said.replace(/"state":"ready"/, '"state":"locked"') });
  });
  await page.reload();
  await page.getByRole("button", { name: "Unlock" }).waitFor();
}

async function quickLog(page) {
  await page.getByRole("button", { name: "Log a visit", exact: false }).locator("visible=true").first().click();
  await page.getByRole("dialog").waitFor();
}

async function look(page, screen, shape, faults) {
  await goTo(page, screen.at);
  await settled(page);
  if (screen.do) await screen.do(page);
  await settled(page);
  for (const [theme, media] of Object.entries(THEMES)) {
    if (shape === "phone" && theme === "contrast") continue;
    await page.emulateMedia(media);
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, theme);
    await picture(page, `${screen.name}-${shape}-${theme}`);
    // What opens is made of the same parts: a picture shows it in high contrast.
    if (theme === "contrast" && OPENED.includes(screen)) continue;
    for (const fault of await faultsForAll(page)) faults.push(`${screen.name}, ${shape}, ${theme}: ${fault}`);
  }
  await page.emulateMedia(THEMES.light);
  if (isWide(screen, shape)) return;
  await fits(page, `${screen.name} on a ${shape}`).catch((error) => faults.push(error.message));
}

function isWide(screen, shape) {
  return screen.fits === DESK && shape === "phone";
}

async function large(page, screen, shape, faults) {
  if (isWide(screen, shape)) return;
  await goTo(page, screen.at);
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await settled(page);
  if (screen.do) await screen.do(page);
  await settled(page);
  await picture(page, `${screen.name}-${shape}-large`);
  await fits(page, `${screen.name} on a ${shape} at 200 %`).catch((error) => faults.push(error.message));
}

for (const [shape, options] of Object.entries({ desk: { shape: DESK }, phone: { shape: PHONE } })) {
  test(`a rep's screens on a ${shape} are for everybody`, LONG, async () => {
    const faults = [];
    await atRep("Ben", { ...options, name: `looks-${shape}` }, async (page) => {
      for (const screen of OF_A_REP) await look(page, screen, shape, faults);
    });
    assert.equal(faults.join("\n"), "");
  });

  test(`a manager's screens on a ${shape} are for everybody`, LONG, async () => {
    const faults = [];
    await atServer({ ...options, name: `looks-server-${shape}` }, async (page) => {
      for (const screen of OF_A_MANAGER) await look(page, screen, shape, faults);
    });
    await atDoor({ ...options, name: `looks-door-${shape}` }, async (page) => {
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await look(page, { name: "sign-in", at: "/" }, shape, faults);
    });
    assert.equal(faults.join("\n"), "");
  });

  test(`text at 200 % breaks nothing on a ${shape}`, LONG, async () => {
    const faults = [];
    await atRep("Ben", { ...options, name: `large-${shape}` }, async (page) => {
      for (const screen of OF_A_REP) await large(page, screen, shape, faults);
    });
    await atServer({ ...options, name: `large-server-${shape}` }, async (page) => {
      for (const screen of OF_A_MANAGER) await large(page, screen, shape, faults);
    });
    assert.equal(faults.join("\n"), "");
  });
}

test("what opens over a screen is for everybody", LONG, async () => {
  const faults = [];
  await atRep("Ben", { name: "looks-opened" }, async (page) => {
    for (const screen of OPENED) await look(page, screen, "desk", faults);
  });
  assert.equal(faults.join("\n"), "");
});

test("what opens over a screen has room for text at 200 %", LONG, async () => {
  const faults = [];
  for (const [shape, options] of Object.entries({ desk: { shape: DESK }, phone: { shape: PHONE } })) {
    await atRep("Ben", { ...options, name: `large-opened-${shape}` }, async (page) => {
      const opened = OPENED.filter((it) => (it.on ?? shape) === shape);
      for (const screen of opened) await large(page, screen, shape, faults);
    });
    await atDoor({ ...options, name: `large-door-${shape}` }, async (page) => {
      await large(page, { name: "sign-in", at: "/" }, shape, faults);
    });
  }
  assert.equal(faults.join("\n"), "");
});

async function mirrored(page, screen, faults) {
  await goTo(page, screen.at);
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  await settled(page);
  if (screen.do) await screen.do(page);
  await settled(page);
  await picture(page, `${screen.name}-right-to-left`);
  await fits(page, `${screen.name} from right to left`).catch((error) => faults.push(error.message));
}

test("from right to left, nothing lies outside the page", LONG, async () => {
  const faults = [];
  const named = (list, ...names) => list.filter((it) => names.includes(it.name));
  await atRep("Ben", { name: "right-to-left" }, async (page) => {
    for (const screen of named(OF_A_REP, "today", "pipeline", "accounts", "account", "queue", "quick-log")) await mirrored(page, screen, faults);
  });
  await atServer({ name: "right-to-left-server" }, async (page) => {
    for (const screen of named(OF_A_MANAGER, "review", "review-conflict")) await mirrored(page, screen, faults);
  });
  assert.equal(faults.join("\n"), "");
});
