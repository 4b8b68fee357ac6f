// A machine without a device: it is set up, the records come with progress, and it is left again,
// with a file of what the server does not have.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { goTo, isForAll, picture, record, edit, settled, strip } from "../face.mjs";
import { JOURNEY, atRep, company, inside, withoutServer } from "../world.mjs";

test("a device is set up, fills, and is left with a file of unsent work", JOURNEY, async () => {
  await company.order("serve_blank", { who: "Cleo" });
  await company.admin(
    ...["user", "add", "Cleo Claasen", "--login", "cleo", "--role", "Rep"],
    ...["--territory", "North", "--demo", "--password-stdin"],
  );
  const { url, tenant, password } = company.manager;
  await atRep("Cleo", { blank: true }, async (page) => {
    await page.getByRole("heading", { name: "Set up this device" }).waitFor();
    await isForAll(page, "setting up a device");
    await picture(page, "enrol");
    await page.getByLabel("Server").fill(url);
    await page.getByLabel("Company").fill(tenant);
    await page.getByLabel("Sign-in name").fill("cleo");
    await page.getByLabel("Password").fill(password);
    await page.getByLabel("Name of this device").fill("Cleo's netbook");
    const check = page.getByRole("checkbox");
    if (!(await check.isChecked())) await check.check();
    await page.getByLabel("Passphrase", { exact: true }).fill("four words for tests");
    await page.getByLabel("Passphrase once more").fill("four words for tests");
    const begun = performance.now();
    await page.getByRole("button", { name: "Set up" }).click();
    await inside(page);
    const usable = performance.now() - begun;
    await strip(page, /Up to date/).waitFor();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`a device set up: usable after ${(usable / 1000).toFixed(1)} s, all records after ${seconds} s`);

    await record(page, "accounts", 0);
    await withoutServer(() => leave(page));
  });
});

/** Work that is nowhere else goes into a file before the device is left. */
async function leave(page) {
  await strip(page, /Offline since/).waitFor();
  await edit(page, "Next step", "Written where nobody else has it");
  await goTo(page, "/settings");
  await settled(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("1 change is not at the server yet").or(dialog.getByRole("heading", { name: /not at the server/ })).first().waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Export to a file" }).click(),
  ]);
  const kept = await readFile(await download.path(), "utf8");
  assert.ok(kept.length > 100 && !kept.includes("nobody else"), "the file is there, and encrypted");
  await page.getByRole("heading", { name: "Is the file there?" }).waitFor();
  await isForAll(page, "signing out with unsent work");
  await dialog.getByText("Copy its text").click();
  assert.equal(await dialog.getByRole("textbox").inputValue(), kept, "the text is the file's");
  await dialog.getByRole("button", { name: "I have it, sign out" }).click();
  await page.getByRole("heading", { name: "Set up this device" }).waitFor();
}
