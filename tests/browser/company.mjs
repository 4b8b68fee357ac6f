// The company that the journeys visit: a real server, two reps' devices and their manager, kept by
// the program roadbook-company, which takes orders and ends with this process.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import path from "node:path";

const binaries = process.env.ROADBOOK_BIN_DIR ?? path.resolve("../../target/debug");
const bundle = process.env.ROADBOOK_UI ?? path.resolve("../../target/ui/dist");

export class Company {
  #child;
  #answers;
  #used = new Map();

  /** Founds the company; takes some seconds. */
  static async found(options = []) {
    const company = new Company();
    const program = path.join(binaries, "roadbook-company");
    const words = ["--bin-dir", binaries, "--ui", bundle, ...options];
    company.#child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: company.#child.stdout });
    company.#answers = lines[Symbol.asyncIterator]();
    company.where = await company.#answer();
    return company;
  }

  async #answer() {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("roadbook-company ended; what it wrote to stderr says why");
    const said = JSON.parse(value);
    if (said.error) throw new Error(said.error);
    return said;
  }

  async order(order, more = {}) {
    this.#child.stdin.write(JSON.stringify({ order, ...more }) + "\n");
    return this.#answer();
  }

  /** A link that lets one browser into somebody's own app, once. */
  async link(who) {
    const { link } = await this.order("link", { who, used: this.#used.get(who) ?? null });
    this.#used.set(who, link);
    return link;
  }

  /** The address of the server, and what lets Mia in. */
  get manager() {
    return this.where.addresses.find((it) => it.login);
  }

  cut(login) {
    return this.order("cut", { login });
  }

  open(login) {
    return this.order("open", { login });
  }

  admin(...words) {
    return this.order("admin", { words });
  }

  async end() {
    const ended = new Promise((done) => this.#child.once("exit", done));
    this.#child.stdin.end();
    await ended;
  }
}
