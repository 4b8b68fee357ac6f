// An account changes its territory: it leaves one rep's device while its page is open, and arrives
// with all that happened to it on the device of a rep who could not see it before.

import assert from "node:assert/strict";
import { test } from "node:test";

import { edit, fact, goTo, isForAll, part, picture, setUp, settled, strip } from "../face.mjs";
import { JOURNEY, atRep, atServer, company, inside } from "../world.mjs";

const ACCOUNT = "Zingst Hoists";

test("an account that changes its territory leaves one device and arrives with its history on another", JOURNEY, async () => {
  await company.order("serve_blank", { who: "Sam" });
  await company.admin("territory", "add", "West", "--parent", "Everywhere");
  await company.admin(
    ...["user", "add", "Sam Sand", "--login", "sam", "--role", "Rep"],
    ...["--territory", "West", "--demo", "--password-stdin"],
  );
  let place;
  await atServer({}, async (mia) => {
    place = await make(mia);
  });
  await atRep("Ben", {}, (ben) => atRep("Sam", { blank: true }, (sam) => move(ben, sam, place)));
});

async function move(ben, sam, place) {
  await goTo(ben, place);
  await edit(ben, "Next step", "Ask for the depot");
  await ben.locator(".record-actions").getByRole("button", { name: "Log a visit" }).click();
  await ben.getByRole("dialog", { name: "Log it" }).getByRole("button", { name: "Met", exact: true }).click();
  await ben.getByRole("dialog").waitFor({ state: "detached" });
  await strip(ben, /Up to date|needs you/).waitFor();

  await setUp(sam, { ...company.manager, login: "sam" }, "Sam's phone");
  await inside(sam);
  await strip(sam, /Up to date/).waitFor();
  await goTo(sam, place);
  await sam.getByText("This record is not here").waitFor();
  await settled(sam);
  await isForAll(sam, "a record that is not here");

  await atServer({}, async (mia) => {
    await goTo(mia, place);
    await part(mia, "Details");
    await fact(mia, "Territory").getByRole("button", { name: /edit Territory$/ }).click();
    await fact(mia, "Territory").getByRole("combobox").fill("West");
    await mia.getByRole("option", { name: /West/ }).click();
    await fact(mia, "Territory").getByText("West").waitFor();
  });

  await ben.getByText("This record is not here").waitFor();
  // The notices of what Ben did himself stay until they go by themselves.
  assert.ok(!(await ben.locator("#main").innerText()).includes(ACCOUNT), "its name is gone from the page");
  await goTo(ben, `/search?q=${encodeURIComponent(ACCOUNT)}`);
  await settled(ben);
  // His own visit stays his; the account itself is gone.
  await ben.getByRole("link", { name: /^Visit: / }).first().waitFor();
  assert.equal(await ben.getByRole("link", { name: new RegExp(`^${ACCOUNT}`) }).count(), 0, "search does not find it");

  await sam.locator(".record-page h1").getByText(ACCOUNT).waitFor();
  await sam.locator(".timeline-line").filter({ hasText: /visit: /i }).getByText(/Ben Berg/).first().waitFor();
  await part(sam, "History");
  const did = (what) => sam.locator(".history-line").filter({ hasText: what });
  await did("Next step: Ask for the depot").getByText(/Ben Berg/).first().waitFor();
  await did(/Territory: .*West/).getByText(/Mia Meyer/).first().waitFor();
  await picture(sam, "record-arrived");
}

/** Mia makes the account in the north, as her page would; where its page is. */
async function make(mia) {
  const record = await mia.evaluate(async (name) => {
    const { csrf } = await (await fetch("/api/session")).json();
    const set = (field, value) => ({ field, change: "set", value });
    const assignments = [set("name", name), set("territory", "North")];
    const headers = { "content-type": "application/json", "x-roadbook-csrf": csrf };
    const body = JSON.stringify({ entity: "account", assignments });
    const answer = await fetch("/api/create_record", { method: "POST", headers, body });
    return (await answer.json()).record;
  }, ACCOUNT);
  await goTo(mia, `/record/${record}`);
  await mia.locator(".record-page h1").getByText(ACCOUNT).waitFor();
  return `/record/${record}`;
}
