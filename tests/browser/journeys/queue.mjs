// What the server refused: given up and taken back, edited, given up for good.

import assert from "node:assert/strict";
import { test } from "node:test";

import { goTo, isForAll, picture, settled, strip, until } from "../face.mjs";
import { JOURNEY, atRep } from "../world.mjs";

test("what was refused is discarded, taken back, edited, and given up for good", JOURNEY, async () => {
  await atRep("Ben", {}, async (page) => {
    await goTo(page, "/queue");
    const item = page.locator(".queue-item").first();
    await item.waitFor();
    await settled(page);
    await picture(page, "queue-refused");
    await isForAll(page, "the queue");
    const text = await item.innerText();
    assert.ok(!/[{}]/.test(text), "no JSON is shown to a person");
    assert.match(text, /only a manager .*can change the owner of a deal/, "said as a colleague says it");
    assert.ok(!/may not write/.test(text), "the policy's own words are behind details");

    await item.getByRole("button", { name: "Discard" }).click();
    await until(page, "nothing needs Ben", () => !document.querySelector(".queue-item"));
    await page.keyboard.press("u");
    await item.waitFor();

    await item.getByRole("button", { name: "Edit and send again" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await picture(page, "queue-edit");
    await isForAll(page, "editing what was refused");
    const owner = dialog.getByLabel("Owner");
    const choose = async (name) => {
      await owner.fill(name);
      await dialog.getByRole("option", { name: new RegExp(name) }).first().click();
      assert.equal(await owner.inputValue(), name, "its name stands there, and not its id");
    };
    await choose("Ben Berg");
    await dialog.getByRole("button", { name: "Send again" }).click();
    await dialog.getByText("Nothing would change").waitFor();
    // Still nothing that a rep may do: the device says so before it is sent.
    await choose("Ana Silva");
    await dialog.getByRole("button", { name: "Send again" }).click();
    await dialog.getByRole("alert").or(dialog.locator(".field-problem")).getByText(/can change the owner/).first().waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await item.getByRole("button", { name: "Discard" }).click();
    await strip(page, /Up to date/).waitFor();
  });
});
