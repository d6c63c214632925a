// The page's state and its websocket client, without a browser. Run by test_page.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const source = (name) => import(new URL(`../../realtime/page/src/${name}.js`, import.meta.url));
const { EMPTY, reduce } = await source("state/reduce");
const { fromSnapshot, newer, withThread } = await source("state/snapshot");
const { agentsOf, countsOf, workingOf } = await source("run/tree");
const { NetraClient, backoff, fit } = await source("client");

const [THREAD, RUN, LOG] = ["thread", "run", "log"];
let second = 0;
const at = () => new Date(Date.UTC(2026, 0, 1, 0, 0, (second += 1))).toISOString();
const of = (type, more = {}) => ({ type, run_id: RUN, thread_id: THREAD, at: at(), ...more });
const agent = (type, name, parent, more = {}) =>
  of(type, { attempt: 1, agent: name, request_id: `${name}-1`, parent_request_id: parent, ...more });

const queued = of("run_queued", { message_id: "m", client_id: "c", text: "Why?", title: "Why?", workload_id: LOG });
const started = agent("agent_started", "supervisor", null, { title: "Supervisor" });
const child = agent("agent_started", "triage", "supervisor-1", { title: "Triage" });
const call = agent("tool_executing", "triage", "supervisor-1", { call_id: "1", tool: "look", title: "Look", arguments: {} });
const answer = agent("tool_completed", "triage", "supervisor-1", { call_id: "1", tool: "look", outcome: "ok", result: 1, duration_ms: 5 });
const childDone = agent("agent_completed", "triage", "supervisor-1", { outcome: "completed", summary: "", missing: [], duration_ms: 9 });
const done = agent("agent_completed", "supervisor", null, { outcome: "degraded", summary: "", missing: ["plan"], answer: "So.", duration_ms: 9 });
const WHOLE = [queued, started, child, call, answer, childDone, done];

const play = (events, world = withThread(EMPTY, { id: THREAD, title: "", created_at: "", updated_at: "", state: null, messages: [] })) =>
  events.reduce(reduce, world);

test("a run's events make the run that the server keeps", () => {
  const run = play(WHOLE).runs[RUN];
  assert.deepEqual(
    [run.state, run.degraded, run.answer, run.missing, run.attempt, run.started_at, run.ended_at, run.workload_id],
    ["completed", true, "So.", ["plan"], 1, started.at, done.at, LOG],
  );
});

test("events told twice, or again from any place, change nothing", () => {
  const once = play(WHOLE);
  for (let from = 0; from < WHOLE.length; from += 1) assert.deepEqual(play(WHOLE.slice(from), once), once);
});

test("an old state and what followed is a fresh snapshot", () => {
  const whole = play(WHOLE);
  const { state, updated_at } = whole.threads[THREAD];
  const detail = (run) => ({
    id: THREAD, title: "Why?", created_at: "", updated_at, state,
    messages: [{ id: "m", client_id: "c", text: "Why?", created_at: queued.at, run }],
  });
  const snapshot = (run) =>
    fromSnapshot({ threads: [], workloads: [], uploads: [], thread: detail(run) });
  for (let until = 1; until <= WHOLE.length; until += 1) {
    const older = snapshot(play(WHOLE.slice(0, until)).runs[RUN]);
    assert.deepEqual(play(WHOLE.slice(until), older), snapshot(whole.runs[RUN]));
  }
});

test("a cancelled run is not a failed one", () => {
  const ended = agent("agent_error", "supervisor", null, { code: "cancelled", message: "Stopped.", duration_ms: 1 });
  const { state, error } = play([queued, started, of("run_cancel_requested"), ended]).runs[RUN];
  assert.deepEqual([state, error], ["cancelled", null]);
});

test("a conversation that is not open only shows its state", () => {
  const world = { ...EMPTY, threads: { [THREAD]: { id: THREAD, title: "T", updated_at: "", state: null } } };
  const after = reduce(world, started);
  assert.equal(after.threads[THREAD].state, "running");
  assert.deepEqual(after.runs, {});
});

test("an earlier run does not hide the state of a later one", () => {
  const later = { ...queued, run_id: "later", message_id: "n", at: at() };
  assert.equal(play([queued, later, started]).threads[THREAD].state, "queued");
});

test("deleting a log takes its runs and questions along, and nothing else", () => {
  const other = { ...queued, run_id: "other", message_id: "n", workload_id: "else", at: at() };
  const after = reduce(play([queued, other]), { type: "workload_deleted", workload_id: LOG });
  assert.deepEqual([Object.keys(after.runs), after.messages[THREAD].map((one) => one.id)], [["other"], ["n"]]);
});

test("a log is ready only when what was read is here", () => {
  const world = { ...EMPTY, workloads: { [LOG]: { id: LOG, name: "a", state: "reading", source: null } } };
  const event = { type: "workload_changed", workload_id: LOG, name: "b", state: "ready" };
  assert.deepEqual(reduce(world, event).workloads[LOG], { id: LOG, name: "b", state: "reading", source: null });
});

test("what is fetched never takes back what events have told", () => {
  const known = play(WHOLE).runs[RUN];
  assert.equal(newer(known, { ...known, state: "queued", events: [] }), known);
  const { events, ...fetched } = { ...known, has_report: true };
  assert.deepEqual(newer(known, fetched), { ...fetched, events });
});

test("agents are nested under whom they work for, and a later attempt tells them anew", () => {
  const run = play(WHOLE).runs[RUN];
  const [top] = agentsOf(run);
  assert.deepEqual([top.title, top.items[0].agent.title, top.items[0].agent.items[0].outcome], ["Supervisor", "Triage", "ok"]);
  assert.deepEqual(countsOf([top]), { agents: 1, tools: 1 });
  const again = { ...started, attempt: 2, request_id: "supervisor-2", at: at() };
  assert.deepEqual(agentsOf({ events: [...run.events, again] }).map((one) => one.items), [[]]);
});

test("who works is the innermost agent that is not done", () => {
  assert.equal(workingOf(agentsOf(play([queued, started, child]).runs[RUN])).title, "Triage");
});

test("ranges fit, are old, or leave a gap", () => {
  const here = { epoch: "e", seq: 5 };
  const range = (after, upto, epoch = "e") => fit(here, { after, upto, epoch });
  assert.deepEqual([range(5, 7), range(3, 6), range(2, 5), range(6, 7), range(5, 7, "f")], ["next", "next", "old", "gap", "gap"]);
});

test("waits grow, stay below half a minute and differ", () => {
  const waits = [0, 1, 5, 20].map((attempt) => backoff(attempt, () => 1));
  assert.deepEqual(waits, [500, 1000, 16_000, 30_000]);
  assert.equal(backoff(0, () => 0), 250);
});

class Wire {
  static all = [];
  readyState = 1;
  sent = [];
  constructor() {
    Wire.all.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  say(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }
  welcome(seq = 0) {
    this.say({ type: "welcome", user_id: "u", position: { epoch: "e", seq } });
  }
}

function connected(more = {}) {
  Wire.all = [];
  const heard = { events: [], states: [] };
  const client = new NetraClient({
    url: "ws://netra.test/ws/",
    Socket: Wire,
    onEvents: (events, position) => heard.events.push([...events, position.seq]),
    onResync: () => Promise.resolve({ epoch: "f", seq: 40 }),
    onStatus: ({ state }) => heard.states.push(state),
    ...more,
  });
  client.open({ epoch: "e", seq: 3 });
  const wire = Wire.all[0];
  wire.welcome();
  return { client, heard, wire };
}

const range = (after, upto, events, epoch = "e") => ({ type: "events", epoch, after, upto, events });

test("the client goes on from its position, in order, once", (context) => {
  const { client, heard, wire } = connected();
  context.after(() => client.close());
  assert.deepEqual(wire.sent, [{ type: "resume", epoch: "e", seq: 3 }]);
  wire.say(range(3, 4, ["a"]));
  wire.say(range(3, 4, ["a"]));
  wire.say(range(6, 7, ["c"]));
  assert.deepEqual(heard.events, [["a", 4]]);
  assert.deepEqual(wire.sent.at(-1), { type: "resume", epoch: "e", seq: 4 });
});

test("a resync takes a snapshot and goes on from there", async (context) => {
  const { client, wire } = connected();
  context.after(() => client.close());
  wire.say({ type: "resync", position: { epoch: "f", seq: 39 } });
  await new Promise(setImmediate);
  assert.deepEqual(wire.sent.at(-1), { type: "resume", epoch: "f", seq: 40 });
});

test("what was not accepted is sent again after a reconnection, and only that", async (context) => {
  const { client, wire, heard } = connected();
  context.after(() => client.close());
  const first = client.start({ client_id: "1", text: "a" });
  const next = client.start({ client_id: "2", text: "b" });
  wire.say({ type: "accepted", id: wire.sent[1].id, run: { id: "r1" } });
  assert.deepEqual(await first, { id: "r1" });
  wire.onclose({ code: 1006 });
  assert.equal(heard.states.at(-1), "reconnecting");
  client.retry();
  const again = Wire.all[1];
  again.welcome();
  assert.deepEqual(again.sent.map((frame) => frame.client_id ?? frame.type), ["resume", "2"]);
  again.say({ type: "accepted", id: again.sent[1].id, run: { id: "r2" } });
  assert.deepEqual(await next, { id: "r2" });
});

test("a refusal reaches whoever asked, with its code", async (context) => {
  const { client, wire } = connected();
  context.after(() => client.close());
  const asked = client.cancel("r");
  wire.say({ type: "error", id: wire.sent[1].id, code: "conflict", message: "It is over." });
  await assert.rejects(asked, { code: "conflict", message: "It is over." });
});

test("signed out is told and not tried again", () => {
  const { client, heard, wire } = connected();
  wire.onclose({ code: 4401 });
  assert.equal(heard.states.at(-1), "signed_out");
  assert.equal(Wire.all.length, 1);
  client.close();
});
