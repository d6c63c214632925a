// The page's state, without a browser. Run by test_page.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const source = (name) => import(new URL(`../../frontend/src/${name}.js`, import.meta.url));
const { EMPTY, reduce } = await source("state/reducer");
const { fromSnapshot, newer, withThread } = await source("state/snapshot");
const { getServerAheadMs, recordServerTime } = await source("state/clock-skew");
const { buildAgents, countSteps, findWorkingAgent } = await source("run/agent-tree");

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
  const progress = { step: "rows", share: 0.5 };
  const told = reduce(world, { ...event, state: "reading", progress });
  assert.deepEqual(told.workloads[LOG], { id: LOG, name: "b", state: "reading", source: null, progress });
  assert.deepEqual(reduce(told, event).workloads[LOG], { id: LOG, name: "b", state: "reading", source: null, progress: null });
});

test("what is fetched never takes back what events have told", () => {
  const known = play(WHOLE).runs[RUN];
  assert.equal(newer(known, { ...known, state: "queued", events: [] }), known);
  const { events, ...fetched } = { ...known, has_report: true };
  assert.deepEqual(newer(known, fetched), { ...fetched, events });
});

test("agents are nested under whom they work for, and a later attempt tells them anew", () => {
  const run = play(WHOLE).runs[RUN];
  const [top] = buildAgents(run);
  assert.deepEqual([top.title, top.items[0].agent.title, top.items[0].agent.items[0].outcome], ["Supervisor", "Triage", "ok"]);
  assert.deepEqual(countSteps([top]), { agents: 1, tools: 1 });
  const again = { ...started, attempt: 2, request_id: "supervisor-2", at: at() };
  assert.deepEqual(buildAgents({ events: [...run.events, again] }).map((one) => one.items), [[]]);
});

test("who works is the innermost agent that is not done", () => {
  assert.equal(findWorkingAgent(buildAgents(play([queued, started, child]).runs[RUN])).title, "Triage");
});

const writing = (part, text) => agent("agent_writing", "triage", "supervisor-1", { part, text });
const wrote = (part, thought) => agent("agent_thinking", "triage", "supervisor-1", { part, thought, source: "model" });
const thoughts = (run) => buildAgents(run)[0].items[0].agent.items.map(({ text, writing: open }) => [text, open]);
const SAID = [queued, started, child, writing(0, "Lo"), writing(0, "Look"), wrote(0, "Look there."), writing(1, "And"), writing(1, "And so")];

test("a model's text shows while it is written, and is its thought when it is done", () => {
  const shown = SAID.slice(3).map((_, index) => thoughts(play(SAID.slice(0, index + 4)).runs[RUN]));
  const done = ["Look there.", false];
  assert.deepEqual(shown, [[["Lo", true]], [["Look", true]], [done], [done, ["And", true]], [done, ["And so", true]]]);
});

test("of a text only the latest is kept, and it is one line from its first word to its last", () => {
  const run = play(SAID).runs[RUN];
  assert.deepEqual(run.events.slice(3).map((event) => event.thought ?? event.text), ["Look there.", "And so"]);
  const keys = (events) => buildAgents(play(events).runs[RUN])[0].items[0].agent.items[0].key;
  assert.equal(keys(SAID.slice(0, 4)), keys(SAID));
});

test("texts told twice, or again from any place, change nothing", () => {
  for (let until = 4; until <= SAID.length; until += 1) {
    const once = play(SAID.slice(0, until));
    for (let from = 0; from < until; from += 1) assert.deepEqual(play(SAID.slice(from, until), once), once);
    for (const event of SAID.slice(0, until)) assert.deepEqual(reduce(once, event), once);
  }
});

test("two states of a text within one millisecond are told apart by their length", () => {
  const [short, long] = [writing(0, "Lo"), writing(0, "Look")].map((event) => ({ ...event, at: child.at }));
  const over = [{ ...wrote(0, "Look."), at: child.at }, long];
  assert.deepEqual(thoughts(play([queued, started, child, ...over]).runs[RUN]), [["Look.", false]]);
  for (const events of [[short, long], [long, short], [short, long, short]]) {
    assert.deepEqual(thoughts(play([queued, started, child, ...events]).runs[RUN]), [["Look", true]]);
  }
});

test("a part of another turn is another text", () => {
  const other = agent("agent_writing", "data", "supervisor-1", { part: 0, text: "Mine" });
  const run = play([...SAID.slice(0, 5), other]).runs[RUN];
  assert.deepEqual(run.events.slice(3).map((event) => event.text), ["Look", "Mine"]);
});

test("a snapshot shows the text so far, however much of its writing the server tells", () => {
  const run = play(SAID).runs[RUN];
  const world = (events) => withThread(EMPTY, {
    id: THREAD, title: "", created_at: "", updated_at: "", state: null,
    messages: [{ id: "m", client_id: "c", text: "Why?", created_at: queued.at, run: { ...run, events } }],
  });
  assert.deepEqual(world(SAID).runs[RUN], run);
  for (let until = 3; until <= SAID.length; until += 1) assert.deepEqual(play(SAID.slice(until), world(SAID.slice(0, until))).runs[RUN], run);
});

test("what is fetched late does not take back what a model has written since", () => {
  const known = play(SAID).runs[RUN];
  const fetched = { ...known, events: SAID.slice(0, 7) };
  assert.deepEqual(thoughts(newer(known, fetched)), thoughts(known));
  assert.deepEqual(thoughts(newer(play(SAID.slice(0, 4)).runs[RUN], fetched)), thoughts(play(SAID.slice(0, 7)).runs[RUN]));
});

test("a text that was broken off stays as it was left", () => {
  const ended = agent("agent_error", "supervisor", null, { code: "cancelled", message: "Stopped.", duration_ms: 1 });
  assert.deepEqual(thoughts(play([...SAID, ended]).runs[RUN]).at(-1), ["And so", true]);
});

test("whatever an agent tells of a conversation that is not open, it is at work", () => {
  const world = { ...EMPTY, threads: { [THREAD]: { id: THREAD, title: "T", updated_at: "", state: "running" } } };
  const states = [child, writing(0, "Lo"), of("run_cancel_requested"), done].map((event) => reduce(world, event).threads[THREAD].state);
  assert.deepEqual(states, ["running", "running", "running", "completed"]);
});

test("a budget that is nearly spent is one line, and two at the same moment are two", () => {
  const near = (budget, spent) => agent("budget_warning", "triage", "supervisor-1", { budget, spent, limit: "1.00", currency: "USD" });
  const first = near("Trial", "0.80");
  const second = { ...near("Team", null), at: first.at };
  const told = [queued, started, child, first, second, first, second];
  const { items } = buildAgents(play(told).runs[RUN])[0].items[0].agent;
  assert.deepEqual(items.map(({ kind, budget, spent }) => [kind, budget, spent]), [["budget", "Trial", "0.80"], ["budget", "Team", null]]);
  assert.deepEqual(play(told), play(told.slice(0, 5)));
});

test("a clock that is far from the server's is set right, and what is only late is not", () => {
  const noon = Date.UTC(2026, 0, 1, 12);
  const header = new Date(noon).toUTCString();
  for (const [off, found] of [[300_000, -300_000], [-300_000, 300_000], [1500, 0]]) {
    recordServerTime(header, noon + off);
    assert.equal(getServerAheadMs(), found);
  }
  recordServerTime(null, noon);
  assert.equal(getServerAheadMs(), 0);
});
