// What a person feels, measured in Chromium; a line of JSON each on standard output.
//
// `device`: a rep's own app with many deals: from the tap to the painted answer for a visit logged
// and a stage moved, and the longest task while a list of all deals is scrolled.
// `hosted`: the server's page over as many records: the time to the first screen, and the memory
// that the server takes for the replica of one more user.

import { readFileSync } from "node:fs";

import { browserOf, launch } from "./chromium.mjs";
import { Company } from "./company.mjs";
import { goTo, settled, signIn } from "./face.mjs";

const ROUNDS = 60;
const [scene, deals] = process.argv.slice(2);
const company = await Company.found(["--deals", deals]);
const chromium = await launch();

function tell(name, figures) {
  console.log(JSON.stringify({ bench: "faces", name, records: Number(deals), ...figures }));
}

/** Quantiles of milliseconds. */
function quantiles(all) {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (part) => Number(sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)].toFixed(1));
  return { rounds: sorted.length, p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}

/**
 * Makes the page measure: from the next press of a key or button to the frame after `done` found
 * what it waits for. `done` is code, run at each change of the document.
 */
async function arm(page, kind, done) {
  await page.evaluate(([kind, done]) => {
    const isDone = new Function(`return (${done})()`);
    window.measured = new Promise((tell, fail) => {
      setTimeout(() => fail(new Error("nothing was painted within 10 seconds")), 10_000);
      addEventListener(kind, (event) => {
        const began = event.timeStamp;
        const look = () => {
          if (!isDone()) return;
          watch.disconnect();
          // The frame that shows it is drawn after this callback; the message comes after that.
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => tell(performance.now() - began);
            port2.postMessage(null);
          });
        };
        const watch = new MutationObserver(look);
        watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      }, { once: true, capture: true });
    });
  }, [kind, `${done}`]);
}

async function visits(page) {
  const all = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.getByRole("button", { name: "Log a visit" }).first().click();
    const met = page.getByRole("dialog").getByRole("button", { name: "Met", exact: true });
    await met.waitFor();
    await arm(page, "click", () => {
      const toasts = [...document.querySelectorAll(".toast")];
      return toasts.some((it) => /logged/i.test(it.innerText)) && !document.querySelector("[role=dialog]");
    });
    await met.click();
    all.push(await page.evaluate(() => window.measured));
    await page.getByRole("button", { name: "Close this notice" }).first().click();
    await page.waitForFunction(() => !document.querySelector(".toast"));
  }
  return all;
}

async function moves(page) {
  const all = [];
  const card = page.locator(".column").nth(1).locator(".card-name").first();
  const id = await card.getAttribute("id");
  await page.locator(`#${id}`).focus();
  for (let round = 0; round < ROUNDS; round += 1) {
    const key = round % 2 === 0 ? "]" : "[";
    const to = round % 2 === 0 ? 2 : 1;
    await arm(page, "keydown", `() => {
      const columns = document.querySelectorAll(".column");
      return columns[${to}].querySelector("#${id}") !== null;
    }`);
    await page.keyboard.press(key);
    all.push(await page.evaluate(() => window.measured));
    await page.locator(".toast").filter({ hasText: "moved to" }).first().waitFor();
    await page.waitForFunction((id) => document.activeElement.id === id, id);
  }
  return all;
}

/** Scrolls the whole list and sums up what the page's main thread did, from Chromium's own trace. */
async function scroll(page) {
  const scroller = page.locator(".table-scroll");
  await chromium.startTracing(page, { categories: ["devtools.timeline", "toplevel", "v8.execute"] });
  const steps = await scroller.evaluate(async (element) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const height = element.scrollHeight;
    let steps = 0;
    // A flick at a time near the top, then large leaps through all of it.
    for (let at = 0; at < 40_000; at += 240, steps += 1) {
      element.scrollTop = at;
      await frame();
    }
    for (let at = 0; at < height; at += height / 200, steps += 1) {
      element.scrollTop = at;
      await frame();
    }
    return steps;
  });
  const trace = JSON.parse((await chromium.stopTracing()).toString());
  const events = trace.traceEvents;
  const main = events.find((it) => it.name === "thread_name" && it.args.name === "CrRendererMain" && events.some((other) => other.pid === it.pid && other.name === "FunctionCall"));
  const ours = events.filter((it) => it.pid === main.pid && it.tid === main.tid && it.name === "FunctionCall" && it.dur);
  const wall = ours.map((it) => it.dur / 1000);
  const cpu = ours.map((it) => (it.tdur ?? it.dur) / 1000);
  return { steps, tasks: ours.length, over_16_ms: wall.filter((it) => it > 16).length, over_16_ms_cpu: cpu.filter((it) => it > 16).length, ...quantiles(wall), max_cpu_ms: Number(Math.max(...cpu).toFixed(1)) };
}

function residentMb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)[1]) / 1024;
}

async function device() {
  const context = await browserOf(chromium);
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  await page.goto(await company.link("Ben"));
  await page.getByRole("heading", { name: "Today" }).waitFor();
  await settled(page);
  tell("log_visit", quantiles(await visits(page)));
  await goTo(page, "/pipeline");
  await page.locator(".card-name").first().waitFor();
  tell("move_stage", quantiles(await moves(page)));
  await goTo(page, "/opportunities");
  await page.locator("#row-0").waitFor();
  await settled(page);
  const rows = Number(await page.getByRole("grid").getAttribute("aria-rowcount"));
  tell("scroll_list", { rows, ...(await scroll(page)) });
  await context.close();
}

async function hosted() {
  const pid = company.where.processes.at(-1);
  const users = 8;
  for (let user = 0; user < users; user += 1) {
    await company.admin(
      ...["user", "add", `Guest ${user}`, "--login", `guest${user}`, "--role", "Manager"],
      ...["--territory", "Everywhere", "--demo", "--password-stdin"],
    );
  }
  const { url, ...mia } = company.manager;
  const seen = [];
  const memory = [];
  const contexts = [];
  for (let user = 0; user < users; user += 1) {
    const context = await browserOf(chromium);
    context.setDefaultTimeout(120_000);
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(url);
    await page.getByLabel("Company").fill(mia.tenant);
    await page.getByLabel("Sign-in name").fill(`guest${user}`);
    await page.getByLabel("Password").fill(mia.password);
    const before = residentMb(pid);
    await page.evaluate(() => {
      addEventListener("click", () => performance.mark("pressed"), { once: true, capture: true });
    });
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForFunction(() => performance.getEntriesByName("first-screen").length > 0);
    seen.push(await page.evaluate(() => {
      const at = (name) => performance.getEntriesByName(name)[0].startTime;
      return at("first-screen") - at("pressed");
    }));
    await settled(page);
    memory.push(residentMb(pid) - before);
  }
  // The first one warms the server up: statements, threads, pages of its code.
  tell("hosted_first_screen", quantiles(seen.slice(1)));
  tell("hosted_memory", { users, each_mb: memory.map((it) => Number(it.toFixed(1))) });
  for (const context of contexts) await context.close();
}

try {
  if (scene === "device") await device();
  else if (scene === "hosted") await hosted();
  else throw new Error("usage: node bench.mjs device|hosted DEALS");
} finally {
  await chromium.close();
  await company.end();
}
