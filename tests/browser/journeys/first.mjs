// A machine without a device: it is set up, the records come with progress, and it is left again,
// with a file of what the server does not have.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { test } from "node:test";

import { goTo, isForAll, picture, record, edit, setUp, settled, strip, toast } from "../face.mjs";
import { JOURNEY, atRep, company, inside, withoutServer } from "../world.mjs";

/** What comes down before the first records: the sign-in and the enrolment. */
const HELD_AFTER = 6_000;

/** A line to a server that lets so many bytes come down and holds the rest until it is let go. */
async function heldLine(url, bytes) {
  const { hostname, port } = new URL(url);
  let left = bytes;
  const held = [];
  const line = net.createServer((device) => {
    const server = net.connect(Number(port), hostname);
    const end = () => [device, server].forEach((it) => it.destroy());
    for (const side of [device, server]) side.on("error", end).on("close", end);
    device.pipe(server);
    server.on("data", (data) => {
      if (left > 0) {
        left -= data.length;
        device.write(data);
      } else {
        server.pause();
        held.push(() => {
          device.write(data);
          server.resume();
        });
      }
    });
  });
  await new Promise((ready) => line.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${line.address().port}`,
    letGo() {
      left = Infinity;
      held.splice(0).forEach((go) => go());
    },
    close: () => line.close(),
  };
}

test("a device is set up, fills, and is left with a file of unsent work", JOURNEY, async () => {
  await company.order("serve_blank", { who: "Cleo" });
  await company.admin(
    ...["user", "add", "Cleo Claasen", "--login", "cleo", "--role", "Rep"],
    ...["--territory", "North", "--demo", "--password-stdin"],
  );
  const { url, tenant, password } = company.manager;
  const line = await heldLine(url, HELD_AFTER);
  await atRep("Cleo", { blank: true }, async (page) => {
    await page.getByRole("heading", { name: "Set up this device" }).waitFor();
    await isForAll(page, "setting up a device");
    await picture(page, "enrol");
    const asked = { url: line.url, tenant, login: "cleo", password };
    const begun = await setUp(page, asked, "Cleo's netbook");
    await inside(page);
    const usable = performance.now() - begun;
    await meanwhile(page);
    line.letGo();
    await strip(page, /Up to date/).waitFor();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`a device set up: usable after ${(usable / 1000).toFixed(1)} s, all records after ${seconds} s`);

    await record(page, "accounts", 0);
    await withoutServer(() => leave(page));
  });
  line.close();
});

/** While the records are on their way, the page says so, and can be worked with. */
async function meanwhile(page) {
  await page.locator(".first-sync").waitFor();
  await picture(page, "first-sync");
  await isForAll(page, "the first sync");
  await page.keyboard.press("n");
  await page.keyboard.press("l");
  const made = page.getByRole("dialog", { name: "New lead" });
  await made.getByLabel("Name").fill("Made while it fills");
  await made.getByRole("button", { name: "Save lead" }).click();
  await toast(page, "Lead saved").waitFor();
  assert.ok(await page.locator(".first-sync").isVisible(), "and the records are still on their way");
}

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
