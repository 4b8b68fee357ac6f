// The doors as a person meets them, after walls.mjs has made Tom and Sid: sign-in that fails, a
// second tab, an address of another territory.

import assert from "node:assert/strict";
import { test } from "node:test";

import { signIn } from "../face.mjs";
import { JOURNEY, atDoor, atRep, atServer, company } from "../world.mjs";

test("a wrong password says what is wrong and what to do, and keeps what was typed", JOURNEY, async () => {
  await atDoor({}, async (page) => {
    const { url, tenant } = company.manager;
    await signIn(page, url, { tenant, login: "mia", password: "not this one" });
    await page.getByText("Company, sign-in name or password is not right.").waitFor();
    await page.getByText("An administrator can set a new password.").waitFor();
    assert.equal(await page.getByLabel("Sign-in name").inputValue(), "mia");
    assert.equal(await page.getByLabel("Company").inputValue(), tenant);
  });
});

test("too many tries are slowed down, with words for a person", JOURNEY, async () => {
  await atDoor({}, async (page) => {
    const { tenant } = company.manager;
    await page.getByLabel("Company").fill(tenant);
    await page.getByLabel("Sign-in name").fill("guess");
    await page.getByLabel("Password").fill("guessed");
    // A name that nobody else tries, until the server has enough of it and refuses all at once: one
    // try comes free again every three seconds, and the form's own must come before that.
    await page.evaluate(async (tenant) => {
      const body = JSON.stringify({ tenant, login: "guess", password: "guessed" });
      const headers = { "content-type": "application/json" };
      const attempt = () => fetch("/api/sign_in", { method: "POST", headers, body });
      for (let status = 0; status !== 429; ) {
        const answers = await Promise.all(Array.from({ length: 6 }, attempt));
        status = Math.min(...answers.map((answer) => answer.status));
      }
      document.querySelector("form.entry").requestSubmit();
    }, tenant);
    await page.getByText("Too many tries in a short time. Wait a minute, then try again.").waitFor();
  });
});

test("a second tab is signed in too, and signing out in one ends both", JOURNEY, async () => {
  await atServer({}, async (first, context) => {
    const second = await context.newPage();
    await second.goto(first.url());
    await second.getByRole("heading", { name: "Today" }).waitFor();
    await first.goto(new URL("/settings", first.url()).href);
    await first.getByRole("button", { name: "Sign out" }).click();
    await first.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await first.getByRole("heading", { name: "Sign in" }).waitFor();
    await second.getByRole("link", { name: "Accounts" }).first().click();
    await second.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});

test("somebody of another territory who knows an address sees nothing there", JOURNEY, async () => {
  let known;
  await atRep("Ben", {}, async (page) => {
    await page.getByRole("link", { name: "Accounts" }).first().click();
    await page.locator(".table-row, [role=row]").nth(2).click();
    await page.getByRole("button", { name: "Open full" }).click();
    await page.waitForURL(/\/record/);
    known = { path: new URL(page.url()).pathname, title: await page.getByRole("heading", { level: 1 }).innerText() };
  });
  await atServer({ who: { login: "sid" } }, async (page) => {
    await page.goto(new URL(known.path, page.url()).href);
    await page.getByText(/This record is not/).first().waitFor();
    assert.ok(!(await page.content()).includes(known.title), "not even its name");
  });
});
