// The story of "The spine" in three browsers: two reps work offline on one deal, both come back,
// their manager decides at the server's page, and both see what was decided.

import assert from "node:assert/strict";
import { test } from "node:test";

import { edit, fact, goTo, isForAll, picture, record, settled, strip, toast, until } from "../face.mjs";
import { JOURNEY, atRep, atServer, company } from "../world.mjs";

const DEAL = "Story renewal";

test("two reps disagree offline, their manager decides in the browser, both see it", JOURNEY, async () => {
  await atRep("Ben", {}, (ben) => atRep("Ana", {}, (ana) => tell(ben, ana)));
});

async function tell(ben, ana) {
  // Ben makes a deal, on an account that Ana sees too.
  await record(ben, "accounts", 0);
  await ben.getByRole("button", { name: "Actions" }).click();
  await ben.getByRole("menuitem", { name: /New opportunity/ }).click();
  const dialog = ben.getByRole("dialog", { name: "New opportunity" });
  await dialog.getByLabel("Name").fill(DEAL);
  await dialog.getByLabel("Amount").fill("10000");
  await dialog.getByRole("button", { name: "Save opportunity" }).click();
  await toast(ben, "Opportunity saved").waitFor();
  const place = await find(ben);
  await strip(ben, /Up to date|needs you/).waitFor();
  await goTo(ana, place);
  await fact(ana, "Amount").getByText("10,000").waitFor();

  // Both work without a network.
  await company.cut("ben");
  await company.cut("ana");
  await edit(ben, "Amount", "14000 EUR");
  await fact(ben, "Amount").getByTitle("Saved on this device").waitFor();
  await edit(ana, "Amount", "12000 EUR");
  await edit(ana, "Next step", "Call on Monday");
  await fact(ana, "Next step").getByTitle("Saved on this device").waitFor();
  await strip(ana, /2 saved here/).waitFor();

  // Both come back: what fits is merged, the amount is disputed.
  await company.open("ben");
  await company.open("ana");
  for (const rep of [ben, ana]) {
    await fact(rep, "Amount").locator(".mark-disputed").waitFor();
    await fact(rep, "Next step").getByText("Call on Monday").waitFor();
  }
  await picture(ben, "record-disputed");
  await isForAll(ben, "a disputed record");

  await atServer({}, settle);
  for (const rep of [ben, ana]) {
    await fact(rep, "Amount").getByText("12,000").waitFor();
    await until(rep, "a record without a dispute", () => !document.querySelector(".mark-disputed"));
  }
}

/** Finds the deal by search; where its page is. */
async function find(page) {
  await page.keyboard.press("/");
  await page.keyboard.type(DEAL);
  await page.getByRole("option", { name: new RegExp(DEAL) }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Open full" }).click();
  await page.locator(".record-page h1").getByText(DEAL).waitFor();
  return new URL(page.url()).pathname;
}

async function settle(mia) {
  const begun = performance.now();
  let clicks = 0;
  const click = async (what) => {
    clicks += 1;
    await what.click();
  };
  await click(mia.getByRole("link", { name: /^Review/ }).first());
  await mia.getByRole("link", { name: new RegExp(DEAL) }).waitFor();
  await settled(mia);
  await picture(mia, "review-inbox");
  await isForAll(mia, "the review inbox");
  await click(mia.getByRole("link", { name: new RegExp(DEAL) }));
  await mia.getByRole("article").getByText("14,000").first().waitFor();
  await settled(mia);
  await picture(mia, "conflict");
  await isForAll(mia, "a conflict");
  await click(mia.getByRole("button", { name: /Ana Silva/ }));
  await click(mia.getByRole("button", { name: "Decide" }));
  await toast(mia, "Decided").waitFor();
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`a conflict settled: ${clicks} clicks after signing in, ${seconds} s with two looks by axe`);
  assert.equal(clicks, 4, "four clicks settle a conflict");
}
