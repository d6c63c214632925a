// Zulip's check, with the page's own reducer: what was known, and the events since, make what a fresh fetch gives.
// `node fresh_fetch.mjs HISTORY.json`; run by test_fresh_fetch.py, which says what is in that file.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const source = (name) => import(new URL(`../../frontend/src/${name}.js`, import.meta.url));
const { reduce } = await source("state/reducer");
const { fromSnapshot } = await source("state/snapshot");

const history = JSON.parse(readFileSync(process.argv[2], "utf8"));
const TIMES = new Set(["created_at", "updated_at", "started_at", "cancel_requested_at"]);
const CLOSE = 5000; // milliseconds: a row and the event that tells of it are made one after the other

const near = (one, other) => Math.abs(Date.parse(one) - Date.parse(other)) < CLOSE;

/** `known` with the server's words where an event need not tell them, or not to the millisecond. */
function likened(known, fresh, key = "") {
  if (TIMES.has(key) && known && fresh && near(known, fresh)) return fresh;
  if (Array.isArray(known) && Array.isArray(fresh)) return known.map((each, at) => likened(each, fresh[at]));
  if (known === null || typeof known !== "object" || fresh === null || typeof fresh !== "object") return known;
  const same = Object.entries(known).map(([name, value]) => [name, likened(value, fresh[name], name)]);
  return { ...Object.fromEntries(same), ...(Array.isArray(known.events) ? untold(known, fresh) : {}) };
}

/** Of a run: whether there is a report or an answer, and what it cost, is asked when it is over; what was assumed is told to who asked; a stop is no
 * error to show. */
function untold(run, fresh) {
  const { has_report, has_answer, assumptions, time_zone, error, message, cost } = fresh;
  return {
    assumptions,
    time_zone,
    ...(run.cost ? {} : { cost }),
    ...(run.has_report ? {} : { has_report }),
    ...(run.has_answer ? {} : { has_answer }),
    ...(run.state === "cancelled" ? { error, message } : {}),
  };
}

/** The page keeps runs of conversations that were not opened, as far as it knows them; a fetch does not give them. */
function ofOpened(world) {
  const runs = Object.entries(world.runs).filter(([, run]) => world.messages[run.thread_id] !== undefined);
  return { ...world, runs: Object.fromEntries(runs) };
}

/** A log that an event tells of is fetched, as the page does. */
function play(world, { events, shown }, view) {
  let next = events.reduce(reduce, world);
  for (const { type, workload_id: id } of events) {
    const fetched = shown[view].workloads.find((one) => one.id === id);
    if (type === "workload_changed" && fetched) {
      const known = next.workloads[id];
      if (known) assert.equal(known.name, fetched.name);
      next = { ...next, workloads: { ...next.workloads, [id]: fetched } };
    }
  }
  return next;
}

let compared = 0;
function same(known, step, view, from) {
  const fresh = fromSnapshot(step.shown[view]);
  const after = step.events.map((event) => event.type);
  assert.deepEqual({ view, from, after, world: likened(ofOpened(known), fresh) }, { view, from, after, world: fresh });
  compared += 1;
}

for (const view of ["opened", "listed"]) {
  for (let from = 0; from < history.length - 1; from += 1) {
    let world = fromSnapshot(history[from].shown[view]);
    for (const step of history.slice(from + 1)) {
      world = play(world, step, view);
      same(world, step, view, from);
      // Told twice, it is the same.
      assert.deepEqual(play(world, step, view), world);
    }
  }
}
console.log(compared);
