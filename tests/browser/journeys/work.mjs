// A rep's day in the rep's own app: a visit in two taps, edits in place, undo, the board by keys and
// by its menu, new records, search, offline marks, and a server that goes while somebody types.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PHONE } from "../chromium.mjs";
import { edit, fact, goTo, isForAll, picture, record, settled, strip, toast, until } from "../face.mjs";
import { BACK, JOURNEY, atRep, atServer, company, inside, withoutServer } from "../world.mjs";

test("a call is logged in two taps on a phone", JOURNEY, async () => {
  await atRep("Ben", { shape: PHONE }, async (page) => {
    await page.getByRole("button", { name: "Log a call" }).click();
    await page.getByRole("dialog", { name: "Log it" }).getByRole("button", { name: "Call back" }).click();
    await toast(page, /^Call with .* logged/).waitFor();
  });
});

for (const [shape, options] of [["phone", { shape: PHONE }], ["desk", {}]]) {
  test(`a visit is logged in two taps on a ${shape}`, JOURNEY, async () => {
    await atRep("Ben", options, async (page) => {
      const begun = performance.now();
      const open = shape === "phone"
        ? page.getByRole("button", { name: "Log a visit or call" })
        : page.getByRole("button", { name: "Log a visit" });
      await open.first().click();
      const dialog = page.getByRole("dialog", { name: "Log it" });
      const account = await dialog.getByRole("group", { name: "Account" }).getByRole("button", { pressed: true }).locator(".offer-name").innerText();
      const before = performance.now();
      if (shape === "phone") await isForAll(page, "the quick log on a phone");
      await picture(page, `quick-log-${shape}`);
      const looked = performance.now() - before;
      await dialog.getByRole("button", { name: "Met", exact: true }).click();
      await toast(page, /^Visit .*logged|logged/i).waitFor();
      const seconds = ((performance.now() - begun - looked) / 1000).toFixed(1);
      console.log(`a first visit logged on a ${shape}: 2 taps, ${seconds} s, at ${account}`);
      await dialog.waitFor({ state: "detached" });
    });
  });
}

test("a visit of yesterday is logged with what comes next", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await page.getByRole("button", { name: "Log a visit" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Log it" });
    const account = await dialog.getByRole("group", { name: "Account" }).getByRole("button", { pressed: true }).locator(".offer-name").innerText();
    await dialog.getByLabel("Note, if you like").fill("They want the longer hose.");
    await dialog.getByLabel("Next step, if you like").fill("Send the drawing of the hose");
    const day = dialog.getByLabel("When");
    const today = await day.inputValue();
    const shifted = (days) => new Date(Date.parse(`${today}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
    await day.fill(shifted(1));
    await dialog.getByText("This day is still to come").waitFor();
    assert.ok(await dialog.getByRole("button", { name: "Met", exact: true }).isDisabled());
    await day.fill(shifted(-1));
    await isForAll(page, "the quick log with all of its fields");
    await dialog.getByRole("button", { name: "Met", exact: true }).click();
    await toast(page, "Next step").waitFor();
    await goTo(page, "/accounts");
    const row = page.getByRole("row").filter({ hasText: account });
    await row.getByText("Send the drawing of the hose").waitFor();
  });
});

test("an account that is not shown is not the one that a visit is logged at", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await page.getByRole("button", { name: "Log a visit" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Log it" });
    const offers = dialog.getByRole("group", { name: "Account" });
    await offers.getByRole("button").nth(1).click();
    await offers.getByRole("button", { pressed: true }).waitFor();
    const met = dialog.getByRole("button", { name: "Met", exact: true });
    await dialog.getByLabel("Another account").fill("nobody is called so");
    await offers.getByRole("button").first().waitFor({ state: "detached" });
    assert.ok(await met.isDisabled(), "nothing is shown, so nothing can be logged");
    await dialog.getByLabel("Another account").fill("");
    await offers.getByRole("button").first().waitFor();
    assert.equal(await offers.getByRole("button").first().getAttribute("aria-pressed"), "true");
    assert.ok(await met.isEnabled());
  });
});

test("a field is edited where it stands, and undo brings the old value back", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await record(page, "accounts", 1);
    const before = await fact(page, "Next step").innerText();
    await edit(page, "Next step", "Bring the drawings");
    await fact(page, "Next step").getByText("Bring the drawings").waitFor();
    await toast(page, "Next step").waitFor();
    await page.keyboard.press("u");
    await toast(page, "Undone").waitFor();
    await fact(page, "Next step").getByText("Bring the drawings").waitFor({ state: "detached" });
    await fact(page, "Next step").getByText(before.split("\n").pop()).waitFor();

    await fact(page, "Next step").getByRole("button", { name: /edit Next step/ }).click();
    await page.keyboard.type("never mind");
    await page.keyboard.press("Escape");
    assert.equal(await page.getByText("never mind").count(), 0, "Escape reverts");
    const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? "");
    assert.match(focused, /edit Next step/, "and the focus is back on the value");
  });
});

test("a deal moves on the board by keys and by its menu, and a screen reader hears it", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/pipeline");
    await settled(page);
    const column = (name) => page.getByRole("region", { name: new RegExp(`^${name},`) });
    const card = column("Qualification").getByRole("listitem").first();
    const id = await card.getByRole("link").first().getAttribute("id");
    const link = page.locator(`#${id}`);
    await link.focus();
    await page.keyboard.press("]");
    await column("Needs analysis").locator(`#${id}`).waitFor();
    await until(page, "the focus on the moved card", (id) => document.activeElement.id === id, id);
    await page.getByText(/Needs analysis, column 3 of/).waitFor({ state: "attached" });
    await toast(page, "moved to Needs analysis").waitFor();
    await page.keyboard.press("[");
    await column("Qualification").locator(`#${id}`).waitFor();

    const moved = page.getByRole("listitem").filter({ has: page.locator(`#${id}`) });
    await moved.getByRole("button", { name: /^Move .* to$/ }).click();
    await page.getByRole("menuitem", { name: "Proposal" }).or(page.getByRole("menuitemradio", { name: "Proposal" })).first().click();
    await column("Proposal").locator(`#${id}`).waitFor();
    await toast(page, "moved to Proposal").waitFor();
    await page.keyboard.press("u");
    await toast(page, "Undone").waitFor();
    await column("Qualification").locator(`#${id}`).waitFor();
  });
});

test("a card that is moved there and back as fast as keys go is never shown where it only was", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/pipeline");
    await settled(page);
    const first = page.locator(".column").nth(1).locator(".card-name").first();
    const id = await first.getAttribute("id");
    await first.focus();
    // As on a slow machine: an answer that is on its way is of before what was pressed since, and
    // one write takes longer than another.
    const later = (ms) => new Promise((done) => setTimeout(done, ms));
    await page.route("**/api/show_board", async (route) => {
      const answer = await route.fetch();
      await later(60);
      await route.fulfill({ response: answer });
    });
    let writes = 0;
    await page.route("**/api/move_record", async (route) => {
      await later(writes++ % 2 === 0 ? 0 : 120);
      await route.continue();
    });
    await page.evaluate((id) => {
      const stands = () => [...document.querySelectorAll(".column")].findIndex((it) => it.querySelector(`#${id}`));
      window.stood = [stands()];
      new MutationObserver(() => {
        const now = stands();
        if (now !== window.stood.at(-1)) window.stood.push(now);
      }).observe(document.body, { subtree: true, childList: true });
    }, id);
    const has = ([id, at]) => document.querySelectorAll(".column")[at].querySelector(`#${id}`) === document.activeElement;
    const wanted = [1];
    for (let press = 0; press < 12; press += 1) {
      wanted.push(press % 2 === 0 ? 2 : 1);
      await page.keyboard.press(press % 2 === 0 ? "]" : "[");
      await page.waitForFunction(has, [id, wanted.at(-1)], { polling: 4, timeout: 5000 });
    }
    // In its turn, after all of them: the board that shows it comes after all others.
    await page.keyboard.press("u");
    wanted.push(2);
    await toast(page, "Undone").waitFor();
    await page.locator(".column").nth(2).locator(`#${id}`).waitFor();
    assert.deepEqual(await page.evaluate(() => window.stood), wanted);
    assert.equal(await toast(page, "Nothing would change").count(), 0);
    await page.reload();
    await page.locator(".column").nth(2).locator(`#${id}`).waitFor();
  });
});

test("a card is dragged to another stage, and undo puts it back", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/pipeline");
    await settled(page);
    const column = (name) => page.getByRole("region", { name: new RegExp(`^${name},`) });
    const first = column("Qualification").getByRole("listitem").first();
    const id = await first.getByRole("link").first().getAttribute("id");
    const card = column("Qualification").getByRole("listitem").filter({ has: page.locator(`#${id}`) });
    await card.dragTo(column("Needs analysis"));
    await column("Needs analysis").locator(`#${id}`).waitFor();
    await toast(page, "moved to Needs analysis").waitFor();
    await page.keyboard.press("u");
    await column("Qualification").locator(`#${id}`).waitFor();
  });
});

test("a record is worked with by keys: edit, actions, stage", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await record(page, "opportunities", 2);
    await page.keyboard.press("e");
    await until(page, "a field that is edited", () => document.activeElement.matches("dd input, dd textarea"));
    await page.keyboard.press("Escape");
    await page.locator("dd input, dd textarea").waitFor({ state: "detached" });
    await page.keyboard.press(".");
    await page.getByRole("menu").waitFor();
    await isForAll(page, "the actions of a record");
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
  });
});

test("the board is narrowed by views and filters, which are kept under a name", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/pipeline");
    await settled(page);
    const cards = page.locator(".board .card");
    const all = await cards.count();
    await page.getByRole("button", { name: "This quarter" }).click();
    await settled(page);
    assert.ok(await cards.count() < all, "fewer cards");
    await page.getByRole("button", { name: "Mine", exact: true }).click();
    await settled(page);
    const mine = await cards.count();
    await page.getByRole("button", { name: "Filter" }).click();
    const filter = page.getByRole("dialog", { name: "Filter" });
    await filter.getByLabel("Field").selectOption({ label: "Amount" });
    await filter.getByLabel("Value").fill("40000 EUR");
    await filter.getByRole("button", { name: "Filter" }).click();
    await filter.waitFor({ state: "detached" });
    await settled(page);
    const large = await cards.count();
    assert.ok(0 < large && large < mine, `some of ${mine} deals are above 40,000 EUR: ${large}`);
    await page.getByRole("button", { name: "Save view" }).click();
    await page.getByRole("dialog", { name: "Save view" }).getByLabel("Name").fill("Mine and large");
    await page.getByRole("dialog", { name: "Save view" }).getByRole("button", { name: "Save view" }).click();
    await toast(page, "Mine and large").waitFor();
    await picture(page, "board-filtered");
    await isForAll(page, "a board with filters");
    await goTo(page, "/accounts");
    await settled(page);
    await goTo(page, "/pipeline");
    await settled(page);
    assert.equal(await cards.count(), all, "a board begins with all");
    await page.getByRole("button", { name: "Mine and large" }).click();
    await until(page, "the cards of the view", (large) => document.querySelectorAll(".board .card").length === large, large);
    await page.getByRole("searchbox", { name: /Find in opportunities/ }).fill("qqqq");
    await page.getByText("Nothing fits").waitFor();
    await isForAll(page, "a board where nothing fits");
    await page.getByRole("button", { name: "Show all deals" }).click();
    await until(page, "all cards", (all) => document.querySelectorAll(".board .card").length === all, all);
  });
});

test("a move that is undone before the board was read again is not shown", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/pipeline");
    await settled(page);
    const column = (name) => page.getByRole("region", { name: new RegExp(`^${name},`) });
    const id = await column("Qualification").getByRole("link").first().getAttribute("id");
    let held = [];
    await page.route("**/api/show_board", (route) => held ? held.push(route) : route.continue());
    await page.locator(`#${id}`).focus();
    await page.keyboard.press("]");
    await toast(page, "moved to Needs analysis").waitFor();
    await page.keyboard.press("u");
    await toast(page, "Undone").waitFor();
    assert.ok(held.length > 0, "the board is being read");
    const late = held;
    held = null;
    await Promise.all(late.map((route) => route.continue()));
    await column("Qualification").locator(`#${id}`).waitFor();
  });
});

test("a lead is made from anywhere and found by search at once", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await page.keyboard.press("n");
    await page.keyboard.press("l");
    const dialog = page.getByRole("dialog", { name: "New lead" });
    await dialog.getByLabel("Name").fill("Wiebke Überseequartier");
    await dialog.getByLabel("Company").fill("Hafenbetriebsgesellschaft Brunsbüttel");
    await dialog.getByRole("button", { name: "Save lead" }).click();
    await toast(page, "Lead saved").waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.keyboard.press("/");
    await page.keyboard.type("ubersee");
    const found = page.getByRole("option", { name: /Wiebke Überseequartier/ });
    await found.waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Record" }).getByText("Wiebke Überseequartier").first().waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("pipeline");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Pipeline" }).waitFor();
  });
});

test("offline is a quiet state: work is saved, marked, listed, and goes when the network is back", JOURNEY, async () => {
  await atRep("Ana", {}, async (page) => {
    await company.cut("ana");
    await record(page, "accounts", 2);
    await edit(page, "Next step", "Ask for the new plan");
    await strip(page, /Offline since .*, 1 saved here/).waitFor();
    await fact(page, "Next step").getByTitle("Saved on this device").waitFor();
    await goTo(page, "/queue");
    await page.getByText("Ask for the new plan").first().waitFor();
    await settled(page);
    await picture(page, "queue-offline");
    await isForAll(page, "the queue, offline");
    await company.open("ana");
    await strip(page, /Up to date/).waitFor(BACK);
    await until(page, "an empty queue", () => !document.body.innerText.includes("Ask for the new plan"));
  });
});

test("the server stops and starts while somebody types, and nothing is lost", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await record(page, "accounts", 3);
    const note = "The crane is due in March, the second one only after the summer break.";
    await page.getByRole("button", { name: "Add a note (n n)" }).click();
    const text = page.getByRole("dialog").getByRole("textbox").first();
    await text.pressSequentially(note.slice(0, 20));
    await withoutServer(async () => {
      await text.pressSequentially(note.slice(20, 50));
      await page.getByRole("dialog").getByRole("button", { name: "Save note" }).waitFor();
    });
    await text.pressSequentially(note.slice(50));
    await page.getByRole("dialog").getByRole("button", { name: "Save note" }).click();
    await toast(page, "Note saved").waitFor();
    await page.getByText(note).first().waitFor();
    await strip(page, /Up to date|needs you/).waitFor();
  });
});

test("a manager's browser says that the server is gone, and goes on where it was", JOURNEY, async () => {
  await atServer({}, async (page) => {
    await record(page, "accounts", 3);
    const note = "The board meets on Thursday, so nothing is signed before the weekend.";
    await page.getByRole("button", { name: "Add a note (n n)" }).click();
    const text = page.getByRole("dialog").getByRole("textbox").first();
    await text.pressSequentially(note.slice(0, 20));
    await withoutServer(async () => {
      await strip(page, /[Oo]ffline since .*: nothing can be saved/).waitFor();
      await text.pressSequentially(note.slice(20, 40));
    });
    await strip(page, /Up to date|Online/).waitFor();
    await text.pressSequentially(note.slice(40));
    await page.getByRole("dialog").getByRole("button", { name: "Save note" }).click();
    await toast(page, "Note saved").waitFor();
    await page.getByText(note).first().waitFor();
  });
});

test("what was typed when a session ended is there after signing in again", JOURNEY, async () => {
  await atServer({}, async (page, context) => {
    await record(page, "accounts", 4);
    const note = "The porter has the key from seven to four.";
    await page.getByRole("button", { name: "Add a note (n n)" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").first().fill(note);
    await context.clearCookies();
    await dialog.getByRole("button", { name: "Save note" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    const { tenant, login, password } = company.manager;
    await page.getByLabel("Company").fill(tenant);
    await page.getByLabel("Sign-in name").fill(login);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await inside(page);
    await page.getByRole("button", { name: "Add a note (n n)" }).click();
    await until(page, "the note as it was typed", (note) => document.querySelector("[role=dialog] textarea, [role=dialog] input")?.value === note, note);
    await dialog.getByRole("button", { name: "Save note" }).click();
    await toast(page, "Note saved").waitFor();
  });
});
