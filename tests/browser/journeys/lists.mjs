// Lists by keys, the trash, and undo after its notice has gone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { edit, fact, goTo, isForAll, picture, record, settled, toast, until } from "../face.mjs";
import { JOURNEY, atRep } from "../world.mjs";

/** The names in the first rows of a list. */
function names(page) {
  return page.locator(".table-row .list-title").allInnerTexts();
}

test("a list is sorted by keys, from its header", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/accounts");
    await settled(page);
    await page.getByRole("grid").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowUp");
    const heading = () => page.evaluate(() => document.activeElement.innerText.trim());
    assert.equal(await heading(), "Name", "up from the first row is the header");
    await page.keyboard.press("ArrowRight");
    const second = await heading();
    assert.notEqual(second, "Name");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await page.locator("[role=columnheader][aria-sort=ascending]").getByText("Name").waitFor();
    assert.equal(await heading(), "Name", "the focus stays on the heading");
    await picture(page, "list-header-focus");
    await isForAll(page, "a list with the focus in its header");
    await page.keyboard.press("Enter");
    await page.locator("[role=columnheader][aria-sort=descending]").getByText("Name").waitFor();
    await settled(page);
    const sorted = await names(page);
    assert.deepEqual(sorted, [...sorted].sort((a, b) => b.localeCompare(a, "en", { sensitivity: "base" })));
    await page.keyboard.press("ArrowDown");
    await until(page, "the focus on the rows", () => document.activeElement.getAttribute("role") === "grid");
  });
});

test("what was deleted is in the trash of its list, and comes back from there", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/tasks");
    await settled(page);
    await page.getByRole("button", { name: "Mine" }).click();
    await settled(page);
    const [first, second] = await names(page);
    await page.getByRole("grid").focus();
    for (const key of ["Home", "x", "j", "x"]) await page.keyboard.press(key);
    await page.getByRole("toolbar").getByRole("button", { name: "Trash" }).click();
    await toast(page, "2 tasks in the trash").waitFor();
    await page.getByRole("button", { name: "Trash", exact: true }).first().click();
    await page.getByText("kept until they are restored").waitFor();
    await settled(page);
    const gone = await names(page);
    assert.ok(gone.includes(first) && gone.includes(second), gone.join(", "));
    await picture(page, "list-trash");
    await isForAll(page, "the trash of a list");
    await page.getByRole("button", { name: /^Restore / }).first().click();
    await toast(page, "1 task restored").waitFor();
    await until(page, "one row less", (rows) => document.querySelectorAll(".list-title").length === rows - 1, gone.length);
    await page.getByRole("grid").focus();
    await page.keyboard.press("Control+a");
    await page.getByRole("toolbar").getByRole("button", { name: "Restore" }).click();
    await page.getByText("The trash is empty").waitFor();
    await picture(page, "list-trash-empty");
    await isForAll(page, "an empty trash");
    await page.getByRole("button", { name: "Back to the list" }).click();
    await page.getByText(first).first().waitFor();
  });
});

test("what was done can be undone when its notice has gone, and from its history", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await record(page, "accounts", 4);
    await edit(page, "Next step", "Measure the yard");
    await toast(page, "Next step").waitFor();
    await page.getByRole("button", { name: "Close this notice" }).first().click();
    await toast(page, "Next step").waitFor({ state: "detached" });
    await page.keyboard.press("u");
    await toast(page, "Undone: ").waitFor();
    await fact(page, "Next step").getByText("Measure the yard").waitFor({ state: "detached" });

    await edit(page, "Next step", "Send the plan");
    await page.getByRole("tab", { name: "History" }).click();
    const line = page.locator(".history-line").filter({ hasText: "Send the plan" }).first();
    await line.waitFor();
    await settled(page);
    await picture(page, "history-undo");
    await isForAll(page, "a history with undo");
    await line.getByRole("button", { name: /^Undo/ }).click();
    await toast(page, "Undone: Next step").waitFor();
    await fact(page, "Next step").getByText("Send the plan").waitFor({ state: "detached" });
    await page.keyboard.press("u");
    await toast(page, "Everything since you opened Roadbook is undone").waitFor();
  });
});

test("a lead becomes a deal at the account of its name, and one undo takes it back", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/accounts");
    await page.locator("#row-0").waitFor();
    const [account] = await names(page);
    await page.keyboard.press("n");
    await page.keyboard.press("l");
    const made = page.getByRole("dialog", { name: "New lead" });
    await made.getByLabel("Name").fill("Tomke Harms");
    await made.getByLabel("Company").fill(account);
    await made.getByRole("button", { name: "Save lead" }).click();
    await toast(page, "Lead saved").waitFor();
    await goTo(page, "/leads");
    await page.locator(".table-row").filter({ hasText: "Tomke Harms" }).first().click();
    await page.getByRole("button", { name: "Open full" }).click();
    await page.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Convert to a deal" }).click();
    const dialog = page.getByRole("dialog", { name: "Convert the lead" });
    await dialog.getByText(`${account}, there already`).waitFor({ state: "attached" });
    await dialog.getByLabel("Opportunity").fill("First order");
    await settled(page);
    await picture(page, "lead-convert");
    await isForAll(page, "converting a lead");
    await dialog.getByRole("button", { name: "Convert" }).click();
    await toast(page, "Tomke Harms converted to the deal First order").waitFor();
    await page.getByRole("tab", { name: "Details" }).click();
    await fact(page, "Converted to").getByText("First order").waitFor();
    await picture(page, "lead-converted");
    await page.keyboard.press("u");
    await toast(page, "Undone: Tomke Harms converted").waitFor();
    await fact(page, "Converted to").getByText("First order").waitFor({ state: "detached" });
  });
});

test("what is selected stays what it was when the list is sorted anew", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/accounts");
    await settled(page);
    const before = await names(page);
    const [chosen, edited] = [before[2], before[5]];
    const row = (name) => page.locator(".table-row").filter({ has: page.getByText(name, { exact: true }) });
    await row(chosen).getByRole("checkbox").click();
    await row(edited).locator(".list-title").click();
    await edit(page, "Next step", "Ask for the key of the gate");
    await until(page, "what was edited last on top", (name) => document.querySelector("#row-0 .list-title")?.innerText === name, edited);
    const ticked = page.locator(".table-row[aria-selected=true] .list-title");
    await until(page, "the tick beside its record", (name) => document.querySelector(".table-row[aria-selected=true] .list-title")?.innerText === name, chosen);
    assert.equal(await ticked.count(), 1);
    await page.getByRole("toolbar").getByRole("button", { name: "Add a tag" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a tag" });
    await dialog.getByLabel("Tag").fill("gate");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await toast(page, "1 account tagged gate").waitFor();
    await until(page, "what was tagged on top", (name) => document.querySelector("#row-0 .list-title")?.innerText === name, chosen);
  });
});

test("what was typed into a dialog that closed is there again, until it is saved or given up", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/leads");
    await settled(page);
    const dialog = page.getByRole("dialog", { name: "New lead" });
    const open = async () => {
      await page.keyboard.press("n");
      await page.keyboard.press("l");
      await dialog.waitFor();
    };
    await open();
    const moving = () => document.getAnimations().filter((it) => it.effect.getComputedTiming().duration > 0).length;
    assert.equal(await page.evaluate(moving), 0, "nothing moves where less motion is asked for");
    await dialog.getByLabel("Name").fill("Wiebke Sand");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await open();
    assert.equal(await dialog.getByLabel("Name").inputValue(), "Wiebke Sand");
    await dialog.getByText("Kept from before").waitFor();
    await picture(page, "kept-from-before");
    await isForAll(page, "a form that was left");
    await dialog.getByRole("button", { name: "Start anew" }).click();
    assert.equal(await dialog.getByLabel("Name").inputValue(), "");
    await dialog.getByLabel("Name").fill("Wiebke Sand");
    await dialog.getByRole("button", { name: "Save lead" }).click();
    await toast(page, "Lead saved").waitFor();
    await dialog.waitFor({ state: "detached" });
    await open();
    assert.equal(await dialog.getByLabel("Name").inputValue(), "", "what was saved does not come back");
  });
});
