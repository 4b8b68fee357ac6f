// A manager's plan becomes work: who gets which lead is tried out in the browser, asked for, decided
// by the server, and reaches the reps' own devices.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fact, goTo, isForAll, picture, settled, toast } from "../face.mjs";
import { JOURNEY, atServer } from "../world.mjs";

test("a manager asks for a plan of who gets which lead, and the server decides", JOURNEY, async () => {
  await atServer({}, async (page) => {
    for (const [name, company] of [["Jette Fock", "Fock Boats"], ["Malte Wulf", "Wulf Cranes"]]) {
      await page.keyboard.press("n");
      await page.keyboard.press("l");
      const dialog = page.getByRole("dialog", { name: "New lead" });
      await dialog.getByLabel("Name").fill(name);
      await dialog.getByLabel("Company").fill(company);
      await dialog.getByRole("button", { name: "Save lead" }).click();
      await dialog.waitFor({ state: "detached" });
    }
    await goTo(page, "/assignment");
    await settled(page);
    const ask = page.getByRole("button", { name: /^Request \d+ changes?$/ });
    await ask.waitFor();
    await picture(page, "plan-leads");
    const count = Number((await ask.innerText()).match(/\d+/)[0]);
    assert.equal(count, 2, "the manager's own two get a rep");
    const moved = page.locator(".assigned li").filter({ hasText: "\u2192" });
    assert.equal(await moved.count(), count, "it asks for what moves, and not for what stays");
    const lead = await moved.first().getByRole("link").innerText();
    const words = await moved.first().innerText();
    await ask.click();
    await toast(page, /requested for their new reps/).waitFor();
    await page.getByText("The server has decided who owns a lead").waitFor();
    await isForAll(page, "a plan that was asked for");
    await picture(page, "plan-requested");
    await moved.first().getByRole("link").click();
    await settled(page);
    const owner = (await fact(page, "Owner").innerText()).split("\n").pop();
    assert.ok(words.includes(owner), `${lead} is ${owner}'s now: ${words}`);
    await picture(page, "plan-decided");
    await goTo(page, "/assignment");
    await page.getByRole("button", { name: "All open leads" }).click();
    await page.locator(".assigned li", { hasText: "stays with" }).first().waitFor();
    const others = Number((await ask.innerText()).match(/\d+/)[0]);
    assert.equal(await moved.count(), others, "of all open leads, too, it asks for what moves");
    const decided = page.locator(".assigned li", { hasText: lead });
    assert.doesNotMatch(await decided.innerText(), /\u2192/, "what was just decided stays");
  });
});
