// What the server and a device's host refuse, asked from inside Chromium, so that cookies, origins
// and headers are a browser's own: guessed passwords, stolen cookies, other sites, other territories.

import assert from "node:assert/strict";
import { test } from "node:test";

import { browserOf } from "../chromium.mjs";
import { JOURNEY, chromium, company } from "../world.mjs";

const JSON_HEADERS = { "content-type": "application/json" };

/** Adds somebody to the company, who has Mia's password. */
async function add(name, login, role, territory) {
  await company.admin(
    ...["user", "add", name, "--login", login, "--role", role],
    ...["--territory", territory, "--demo", "--password-stdin"],
  );
}

/** A browser of its own at the server, and ways to ask from inside its page. */
async function atWire(use) {
  const { url, tenant, password } = company.manager;
  const context = await browserOf(chromium);
  const page = await context.newPage();
  await page.goto(url);
  const post = (name, body, headers) =>
    page.evaluate(
      async ([name, body, headers]) => {
        const answer = await fetch(`/api/${name}`, { method: "POST", headers, body });
        return { status: answer.status, text: await answer.text() };
      },
      [name, JSON.stringify(body), { ...JSON_HEADERS, ...headers }],
    );
  const enter = (login, word = password) => post("sign_in", { tenant, login, password: word });
  const token = () => page.evaluate(async () => (await (await fetch("/api/session")).json()).csrf);
  const call = async (name, body) => post(name, body, { "x-roadbook-csrf": await token() });
  try {
    await use({ url, context, page, post, enter, token, call });
  } finally {
    await context.close();
  }
}

test("guessing passwords is refused, and slowed down for that name alone", JOURNEY, async () => {
  await add("Tom Tester", "tom", "Rep", "North");
  await atWire(async ({ enter }) => {
    // All at once: they are slowed down before a password is looked at.
    const tries = Array.from({ length: 40 }, () => enter("tom", "guessed"));
    const answers = (await Promise.all(tries)).map((it) => it.status);
    assert.deepEqual([...new Set(answers)].sort(), [401, 429], "refused, and at last slowed down");
    assert.equal((await enter("mia")).status, 200, "others sign in as before");
  });
});

test("a session's cookie is hidden from scripts; whoever steals it all the same is in until the session ends", JOURNEY, async () => {
  await atWire(async ({ url, context, page, enter, call }) => {
    assert.equal((await enter("mia")).status, 200);
    const cookies = await context.cookies();
    assert.equal(cookies.length, 1, "there is one cookie");
    const [cookie] = cookies;
    assert.ok(cookie.httpOnly && cookie.sameSite === "Strict", JSON.stringify({ ...cookie, value: "" }));
    assert.equal(await page.evaluate(() => document.cookie), "", "scripts see none");

    // The thief is a program, not a page: it says of itself where it comes from what it likes.
    const stolen = { cookie: `${cookie.name}=${cookie.value}`, ...JSON_HEADERS };
    const body = JSON.stringify({ entity: "account", filters: [], limit: 1 });
    const thief = async (headers) =>
      (await fetch(new URL("/api/list_records", url), { method: "POST", headers: { ...stolen, ...headers }, body })).status;
    assert.equal(await thief({}), 403, "a command needs the session's token");
    assert.equal(await thief({ "x-roadbook-csrf": "guessed" }), 403, "which cannot be guessed");
    const ask = () => fetch(new URL("/api/session", url), { headers: stolen });
    const { csrf } = await (await ask()).json();
    const token = { "x-roadbook-csrf": csrf };
    assert.equal(await thief({ ...token, origin: "http://elsewhere.example" }), 403, "not for another site's page");
    assert.equal(await thief(token), 200, "but the cookie gets the token: it is the whole session");

    await call("sign_out", {});
    assert.equal((await ask()).status, 401, "when its owner signs out");
    assert.equal(await thief(token), 401, "it is worth nothing any more");
  });
});

test("another site's page can neither act for who is signed in, nor show the page in a frame", JOURNEY, async () => {
  await atWire(async ({ url, context, enter, call }) => {
    assert.equal((await enter("mia")).status, 200);
    const prize = { entity: "account", assignments: [{ field: "name", change: "set", value: "Prize Ltd" }] };
    const count = async () => {
      const { status, text } = await call("list_records", { entity: "account", filters: ["name=Prize Ltd"], limit: 10 });
      assert.equal(status, 200, text);
      return JSON.parse(text).total;
    };
    // What the other site's page is about to send does make a record, sent by the page itself.
    assert.equal(await count(), 0);
    const made = await call("create_record", prize);
    assert.equal(made.status, 200, made.text);
    assert.equal(await count(), 1, "the own page makes one");

    // The same machine under another name is another site.
    const evil = await context.newPage();
    await evil.route("http://localhost:9/**", (route) =>
      route.fulfill({ contentType: "text/html", body: "<h1>Win a prize</h1>" }),
    );
    await evil.goto("http://localhost:9/prize");
    const answers = await evil.evaluate(async ([url, body]) => {
      const attempt = async (init) => {
        try {
          const how = { method: "POST", credentials: "include", body, ...init };
          return (await fetch(`${url}api/create_record`, how)).status;
        } catch {
          return "blocked";
        }
      };
      return [
        // Goes out without asking, like a form: its answer cannot be read, so records are counted.
        await attempt({ mode: "no-cors", headers: { "content-type": "text/plain" } }),
        // Asks first, and goes no further.
        await attempt({ headers: { "content-type": "application/json" } }),
      ];
    }, [url, JSON.stringify(prize)]);
    const isUnread = (answer) => answer === "blocked" || answer === 0;
    assert.ok(answers.every(isUnread), `it can read no answer: ${answers}`);
    assert.equal(await count(), 1, "and the other site's page makes none");
    const { record } = JSON.parse(made.text);
    assert.equal((await call("delete_record", { record })).status, 200);

    await evil.evaluate(async (url) => {
      const frame = document.createElement("iframe");
      frame.src = url;
      const loaded = new Promise((done) => frame.addEventListener("load", done, { once: true }));
      document.body.append(frame);
      await loaded;
    }, url);
    const inside = evil.frames().find((frame) => frame !== evil.mainFrame());
    assert.ok(!inside.url().startsWith(url), `no frame shows the page: ${inside.url()}`);
  });
});

test("a link into somebody's own app lets one browser in, once", JOURNEY, async () => {
  const link = await company.link("Ben");
  const status = async (context) => {
    const page = await context.newPage();
    await page.goto(link);
    return page.evaluate(async () => (await fetch("/api/session")).status);
  };
  const [first, second] = [await browserOf(chromium), await browserOf(chromium)];
  try {
    assert.equal(await status(first), 200, "the first one is let in");
    assert.equal(await status(second), 401, "the next one is not");
  } finally {
    await first.close();
    await second.close();
  }
});

test("somebody of another territory who knows an address gets nothing, not even a name", JOURNEY, async () => {
  await company.admin("territory", "add", "South", "--parent", "Everywhere");
  await add("Sid Sommer", "sid", "Rep", "South");
  let known;
  await atWire(async ({ enter, call }) => {
    assert.equal((await enter("mia")).status, 200);
    const list = JSON.parse((await call("list_records", { entity: "account", filters: [], limit: 1 })).text);
    [known] = list.records;
    const seen = await call("show_record", { record: known.record });
    assert.ok(seen.text.includes(known.title), "who may see it gets it");
  });
  await atWire(async ({ enter, call }) => {
    assert.equal((await enter("sid")).status, 200);
    const asked = {
      show_record: { record: known.record },
      show_timeline: { record: known.record, limit: 10 },
      show_related: { record: known.record },
      show_history: { record: known.record, field: "name" },
      search_records: { text: known.title, limit: 10 },
      list_records: { entity: "account", filters: [], limit: 50 },
    };
    for (const [name, body] of Object.entries(asked)) {
      const { status, text } = await call(name, body);
      assert.ok(!text.includes(known.title) && !text.includes(`"record":"${known.record}"`), `${name}: ${status} ${text}`);
    }
    assert.equal((await call("show_record", { record: known.record })).status, 404, "as if it were not there");
  });
});
