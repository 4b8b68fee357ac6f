// A manager settles what no rule could: walks in the order of the inbox, is told what is missing,
// says something, asks a colleague, takes both texts, edits them, decides, and takes that back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { edit, fact, goTo, isForAll, picture, record, settled, strip, toast, until } from "../face.mjs";
import { BACK, JOURNEY, atRep, atServer, company } from "../world.mjs";

test("a manager comments, asks, takes both texts, decides, and takes it back", JOURNEY, async () => {
  await atRep("Ana", {}, async (ana) => {
    const { name: account, place } = await disagree(ana, 1);
    await atServer({}, (mia) => settle(mia, account, place));
    // The question stands where a rep looks first.
    await goTo(ana, "/today");
    await ana.getByText(/Tax id of/).first().waitFor();
  });
});

test("a manager makes the same choice for several conflicts at once", JOURNEY, async () => {
  await atRep("Ana", {}, async (ana) => {
    const accounts = [await disagree(ana, 2), await disagree(ana, 3)];
    await atServer({}, async (mia) => {
      await goTo(mia, "/review");
      await settled(mia);
      const line = ({ name }) => mia.locator(".inbox-item").filter({ hasText: name }).filter({ hasText: "Tax id" });
      const box = (account) => line(account).getByRole("checkbox");
      await box(accounts[0]).click();
      await box(accounts[1]).focus();
      await mia.keyboard.press("Space");
      const bar = mia.getByRole("toolbar", { name: "Actions on what is selected" });
      await bar.getByText("2 selected").waitFor();
      await picture(mia, "review-selected");
      await isForAll(mia, "conflicts that are selected");
      await bar.getByRole("button", { name: "Take for all" }).click();
      await mia.getByRole("menuitem", { name: "Values of Ana Silva" }).click();
      await toast(mia, "2 conflicts decided").waitFor();
      await bar.waitFor({ state: "detached" });
      for (const account of accounts) await line(account).waitFor({ state: "detached" });
      for (const key of ["x", "j", "x", "k", "x"]) await mia.keyboard.press(key);
      await bar.getByText("1 selected").waitFor();
    });
    for (const { place } of accounts) {
      await goTo(ana, place);
      await ana.getByRole("tab", { name: "Details" }).click();
      await fact(ana, "Tax id").getByText("DE 811").waitFor();
      await fact(ana, "Tax id").locator(".mark-disputed").waitFor({ state: "detached" });
    }
  });
});

/** Ana, offline, and Mia set a tax id differently; the account's name and place. */
async function disagree(ana, at) {
  await record(ana, "accounts", at);
  const name = await ana.locator(".record-page h1").innerText();
  const place = new URL(ana.url()).pathname;
  await ana.getByRole("tab", { name: "Details" }).click();
  await edit(ana, "Tax id", "DE 100");
  await fact(ana, "Tax id").getByText("DE 100").waitFor();
  await atServer({}, async (mia) => {
    // What Mia sees has been sent, whatever Ana's strip said before.
    await goTo(mia, place);
    await mia.getByRole("tab", { name: "Details" }).click();
    await fact(mia, "Tax id").getByText("DE 100").waitFor();
    await strip(ana, /Up to date/).waitFor();
    await company.cut("ana");
    await edit(ana, "Tax id", "DE 811");
    await strip(ana, /1 saved here/).waitFor();
    await edit(mia, "Tax id", "DE 812");
    await fact(mia, "Tax id").getByText("DE 812").waitFor();
  });
  await company.open("ana");
  await fact(ana, "Tax id").locator(".mark-disputed").waitFor(BACK);
  return { name, place };
}

async function settle(mia, account, place) {
  await goTo(mia, "/review");
  await mia.getByRole("button", { name: "Oldest" }).click();
  await until(mia, "the order in the address", () => location.search === "?q=age");
  await settled(mia);
  const lines = mia.locator(".inbox-line");
  const titles = await lines.allInnerTexts();
  const at = titles.findIndex((text) => text.includes(account) && text.includes("Tax id"));
  assert.ok(at >= 0, `the tax id is in the inbox: ${titles.join(" | ")}`);
  await lines.filter({ hasText: account }).filter({ hasText: "Tax id" }).click();
  await mia.locator(".conflict h1").getByText("Tax id").waitFor();
  await mia.locator(".conflict-walk").getByText(`${at + 1} of ${titles.length}`).waitFor();
  if (at > 0) {
    await mia.keyboard.press("k");
    await mia.locator(".conflict-walk").getByText(`${at} of ${titles.length}`).waitFor();
    await mia.keyboard.press("j");
    await mia.locator(".conflict h1").getByText("Tax id").waitFor();
  }

  await mia.keyboard.press("Enter");
  await mia.getByRole("alert").getByText("Choose a side or enter a value first.").waitFor();
  const onSide = await mia.evaluate(() => document.activeElement.classList.contains("value-side"));
  assert.ok(onSide, "the focus is where a choice is made");

  await comment(mia);
  await ask(mia);

  await mia.keyboard.press("b");
  const result = mia.locator("#result");
  assert.match(await result.inputValue(), /^DE 81[12] \/ DE 81[12]$/);
  await until(mia, "the focus in the result", () => document.activeElement.id === "result");
  await mia.getByText("Details for support").click();
  await settled(mia);
  await picture(mia, "conflict-both", { fullPage: true });
  await isForAll(mia, "a conflict with both texts taken");
  await result.fill("DE 811 / DE 812, old");
  await mia.getByRole("article").locator("h1").click();
  await mia.keyboard.press("e");
  await until(mia, "the focus in the result by its key", () => document.activeElement.id === "result");
  await mia.keyboard.press("Enter");
  await toast(mia, "Decided: Tax id").waitFor();
  await picture(mia, "conflict-decided");
  await mia.locator("body").click({ position: { x: 5, y: 400 } });
  await mia.keyboard.press("u");
  await toast(mia, "Undone: Decided: Tax id").waitFor();
  // The server had the decision, so the conflict stays settled; the toast says which value stands.
  const said = await toast(mia, "Undone: Decided: Tax id").innerText();
  assert.match(said, /Tax id is DE 81[12]; the conflict stays settled/);
  const [stands] = said.match(/DE 81[12](?=;)/);
  await goTo(mia, "/review");
  await settled(mia);
  const left = mia.locator(".inbox-line").filter({ hasText: account }).filter({ hasText: "Tax id" });
  assert.equal(await left.count(), 0, "the inbox has it no more");
  await goTo(mia, place);
  await mia.getByRole("tab", { name: "Details" }).click();
  await fact(mia, "Tax id").getByText(stands).waitFor();
  assert.equal(await fact(mia, "Tax id").locator(".mark-disputed").count(), 0);
}

async function comment(mia) {
  await mia.keyboard.press("c");
  const dialog = mia.getByRole("dialog", { name: "Comment" });
  await dialog.getByLabel("What do you want to say?").fill("The tax office wrote about this in May.");
  await isForAll(mia, "a comment on a conflict");
  // The screen behind hears no keys, wherever the focus is in the dialog.
  await dialog.getByRole("button", { name: "Add comment" }).focus();
  for (const key of ["1", "a", "u", "g", "p"]) await mia.keyboard.press(key);
  assert.equal(await mia.getByRole("dialog").count(), 1, "no other dialog has opened");
  assert.equal(await mia.locator(".value-side[aria-pressed=true]").count(), 0, "no side was taken");
  assert.match(mia.url(), /review/, "and nobody went elsewhere");
  await dialog.getByRole("button", { name: "Add comment" }).click();
  await toast(mia, "Comment added").waitFor();
  const said = mia.locator(".comment").filter({ hasText: "The tax office wrote" });
  await said.getByText("Mia").first().waitFor();
}

async function ask(mia) {
  await mia.keyboard.press("a");
  const dialog = mia.getByRole("dialog", { name: "Ask them" });
  await dialog.getByText("Ana Silva").waitFor();
  await dialog.getByText(/on their Today/).waitFor();
  await settled(mia);
  await picture(mia, "conflict-ask");
  await isForAll(mia, "asking in a conflict");
  await dialog.getByRole("button", { name: "Ask", exact: true }).click();
  await toast(mia, "1 question sent to Ana").waitFor();
}
