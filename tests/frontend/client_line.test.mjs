// The client's sockets: silence, close codes, coming back, being offline. Run by test_page.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { browser, connected, opened, settled, Wire } from "./wire.mjs";

const page = (name) => new URL(`../../frontend/src/${name}.js`, import.meta.url);
const published = new URL("../../realtime/static/netra/netra-client.js", import.meta.url);
const { backoff, NetraClient } = await import(page("client/index"));
const { getWaitAfter } = await import(page("client/reconnect"));

test("waits grow, stay below half a minute and differ", () => {
  const waits = [0, 1, 5, 20].map((attempt) => backoff(attempt, () => 1));
  assert.deepEqual(waits, [500, 1000, 16_000, 30_000]);
  assert.equal(backoff(0, () => 0), 250);
});

for (const code of [1000, 1001, 1006, 1011, 1012, 4403, 4408, 4429, 4999]) {
  test(`after ${code} the client comes back, later each time`, (context) => {
    const { heard, clock } = connected(context);
    for (const attempt of [0, 1, 2, 3]) {
      Wire.last.end(code);
      const { state, retryAt, code: told } = heard.states.at(-1);
      const wait = getWaitAfter(code, attempt, () => 0);
      assert.deepEqual([state, told, retryAt - Date.now()], ["reconnecting", code, wait]);
      if (wait > 0) clock(wait - 1);
      assert.equal(Wire.all.length, attempt + 1);
      clock(1);
      assert.equal(Wire.all.length, attempt + 2);
      Wire.last.welcome();
    }
    assert.deepEqual(Wire.last.sent, [{ type: "resume", epoch: "e", seq: 3 }]);
  });
}

test("a server that stops has its clients come back over five seconds, not all at once", () => {
  const waits = [0, 0.5, 1].map((chance) => getWaitAfter(1012, 0, () => chance));
  assert.deepEqual(waits, [250, 2500, 5000]);
  assert.equal(getWaitAfter(1006, 0, () => 1), 500);
});

test("changed authority is asked for at once, but only once; too many sockets wait long", () => {
  assert.deepEqual([0, 1, 2].map((attempt) => getWaitAfter(4403, attempt, () => 1)), [0, 1000, 2000]);
  assert.deepEqual([0, 4, 5].map((attempt) => getWaitAfter(4429, attempt, () => 0)), [4000, 4000, 8000]);
});

test("a socket that held for ten seconds begins the waits anew, one that broke before does not", (context) => {
  const { heard, clock } = connected(context);
  const wait = () => heard.states.at(-1).retryAt - Date.now();
  Wire.last.end(1006);
  clock(wait());
  Wire.last.welcome();
  clock(9_999);
  Wire.last.end(1006);
  assert.equal(wait(), 500);
  clock(wait());
  Wire.last.welcome();
  clock(10_000);
  Wire.last.end(1006);
  assert.equal(wait(), 250);
});

for (const code of [1009, 4400, 4413]) {
  test(`after ${code} the client stays away, and says so to whoever asked or asks`, async (context) => {
    const { client, heard, wire, clock } = connected(context);
    const asked = assert.rejects(client.cancel("r"), { code: "broken" });
    wire.say({ type: "error", id: null, code: "bad_frame", message: "No frames." });
    wire.end(code);
    await asked;
    await assert.rejects(client.cancel("r"), { code: "broken" });
    clock(600_000);
    const { state, error } = heard.states.at(-1);
    assert.deepEqual([state, error.message, Wire.all.length], ["broken", "No frames.", 1]);
    client.retry();
    void client.cancel("r").catch(() => {});
    Wire.last.welcome();
    assert.deepEqual([Wire.all.length, Wire.last.of("cancel").length], [2, 1]);
  });
}

test("signed out is told and not tried again; what was asked waits for a retry", async (context) => {
  const { client, heard, wire, clock } = connected(context);
  const asked = client.cancel("r");
  wire.say({ type: "error", id: null, code: "not_authenticated", message: "Not signed in." });
  wire.end(4401);
  clock(600_000);
  assert.deepEqual([heard.states.at(-1).state, Wire.all.length], ["signed_out", 1]);
  client.retry();
  Wire.last.welcome();
  Wire.last.say({ type: "accepted", id: Wire.last.of("cancel")[0].id, run: { id: "r" } });
  assert.deepEqual(await asked, { id: "r" });
});

test("what the server said before it closed is handed on", (context) => {
  const { heard, wire } = connected(context);
  wire.say({ type: "error", id: null, code: "too_many_sockets", message: "Close some." });
  wire.end(4429);
  assert.deepEqual([heard.states.at(-1).error.code, heard.states.at(-1).error.message], ["too_many_sockets", "Close some."]);
});

test("what it said long before is not why it closed", (context) => {
  const { heard, wire } = connected(context);
  wire.say({ type: "error", id: null, code: "rate_limited", message: "Slower." });
  wire.say({ type: "heartbeat" });
  wire.end(1006);
  assert.equal(heard.states.at(-1).error, null);
});

test("a retry is one more socket, not two", (context) => {
  const { client, wire, clock } = connected(context);
  wire.end(1006);
  client.retry();
  clock(9_000);
  assert.equal(Wire.all.length, 2);
});

test("opened anew it is another beginning: what was asked before is over", async (context) => {
  const { client, wire } = connected(context);
  const asked = assert.rejects(client.cancel("r"), { code: "closed" });
  client.open({ epoch: "g", seq: 1 }, "v");
  await asked;
  Wire.last.welcome({ user_id: "v" });
  assert.deepEqual([wire.closed, Wire.last.sent], [1000, [{ type: "resume", epoch: "g", seq: 1 }]]);
});

test("a closed client keeps no program alive", () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const client = new NetraClient({ url: "ws://netra.test/", Socket: Wire, onEvents: () => {}, onResync: () => {} });
  client.open({ epoch: "e", seq: 3 });
  Wire.last.welcome();
  Wire.last.range(3, 4);
  void client.cancel("r").catch(() => {});
  for (const id of [null, Wire.last.of("cancel")[0].id]) Wire.last.say({ type: "error", id, code: "rate_limited", message: "" });
  assert.equal(timers(), before + 6);
  client.close();
  assert.equal(timers(), before);
});

test("after 20 s without a word of its own the client pings, with acknowledgements in between it does not", (context) => {
  const { wire, clock } = connected(context);
  clock(15_000);
  wire.range(3, 4);
  clock(250);
  wire.say({ type: "heartbeat" });
  clock(19_999);
  assert.deepEqual(wire.of("ping"), []);
  clock(1);
  assert.equal(wire.of("ping").length, 1);
  wire.say({ type: "heartbeat" });
  clock(20_000);
  assert.equal(wire.of("ping").length, 2);
});

test("35 s of silence are a lost socket; a heartbeat is no silence", (context) => {
  const { heard, wire, clock } = connected(context);
  clock(34_999);
  wire.say({ type: "heartbeat" });
  clock(34_999);
  assert.equal(heard.states.at(-1).state, "live");
  clock(1);
  assert.deepEqual([heard.states.at(-1).state, heard.states.at(-1).code, wire.closed], ["reconnecting", 1006, 1000]);
});

test("a server that accepts and says nothing is left after 10 s", (context) => {
  const { heard, clock } = opened(context);
  clock(9_999);
  assert.equal(heard.states.at(-1).state, "connecting");
  clock(1);
  assert.equal(heard.states.at(-1).state, "reconnecting");
});

test("a socket that was left has nothing to say any more", (context) => {
  const { heard, wire, clock } = connected(context);
  wire.end(1006);
  clock(250);
  wire.welcome();
  wire.range(3, 4);
  wire.end(4401);
  assert.deepEqual([heard.events, heard.states.at(-1).state, Wire.all.length], [[], "reconnecting", 2]);
});

test("offline is told, and tried seldom; back online the client is back at once", (context) => {
  const go = browser(context);
  const { heard, clock } = connected(context);
  const states = () => heard.states.map(({ state }) => state);
  go(false);
  assert.deepEqual([states().at(-1), Wire.all.length], ["offline", 2]);
  Wire.last.end(1006);
  clock(14_999);
  assert.deepEqual([states().at(-1), Wire.all.length], ["offline", 2]);
  go(true);
  assert.deepEqual([states().at(-1), Wire.all.length], ["reconnecting", 3]);
  Wire.last.welcome();
  assert.equal(states().at(-1), "live");
});

test("a server that is reached without a network is used without one", (context) => {
  const go = browser(context);
  const { heard } = connected(context);
  go(false);
  Wire.last.welcome();
  assert.equal(heard.states.at(-1).state, "live");
});

test("neither online nor offline wakes a client that is done", (context) => {
  const go = browser(context);
  const { client, wire } = connected(context);
  wire.end(4401);
  go(false);
  go(true);
  assert.equal(Wire.all.length, 1);
  client.close();
  client.retry();
  go(true);
  assert.equal(Wire.all.length, 1);
});

test("closed means closed: no timer, no answer, no second life", async (context) => {
  const { client, heard, wire, clock } = connected(context);
  const asked = assert.rejects(client.cancel("r"), { code: "closed" });
  wire.range(3, 4);
  client.close();
  await asked;
  const sent = wire.sent.length;
  clock(600_000);
  assert.deepEqual([wire.closed, wire.sent.length, Wire.all.length, heard.states.at(-1).state], [1000, sent, 1, "closed"]);
});

test("two clients share nothing", async (context) => {
  const one = connected(context);
  const two = new NetraClient({ url: "ws://netra.test/", Socket: Wire, onEvents: () => assert.fail(), onResync: () => assert.fail() });
  two.open({ epoch: "e", seq: 9 });
  context.after(() => two.close());
  Wire.last.welcome();
  one.wire.range(3, 4);
  one.wire.end(4401);
  await settled();
  assert.deepEqual([one.client.state, two.state, two.position.seq], ["signed_out", "live", 9]);
});

test("without a WebSocket one must be given", (context) => {
  const given = globalThis.WebSocket;
  globalThis.WebSocket = undefined;
  context.after(() => (globalThis.WebSocket = given));
  assert.throws(() => new NetraClient({ url: "ws://netra.test/" }), { name: "TypeError" });
});

test("the published file is a module of its own, and is what the page uses", async () => {
  // As a page loads it: by its type, not by its name, which node before 20 goes by.
  const module = await import(`data:text/javascript;base64,${readFileSync(published).toString("base64")}`);
  assert.deepEqual(Object.keys(module).sort(), Object.keys(await import(page("client/index"))).sort());
  assert.doesNotMatch(readFileSync(published, "utf8"), /\b(document|localStorage|sessionStorage|process)\./);
});
