// The client's events: once, in order, acknowledged, and nobody else's. Run by test_page.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, LIMITS, opened, settled, Wire } from "./wire.mjs";

const { fit } = await import(new URL("../../frontend/src/client/index.js", import.meta.url));

const resume = (seq, epoch = "e") => ({ type: "resume", epoch, seq });
const ack = (seq, epoch = "e") => ({ type: "ack", epoch, seq });
const many = (count) => Array(count).fill("x");

test("ranges fit, are old, or leave a gap; of an overlap nothing can be taken", () => {
  const here = { epoch: "e", seq: 5 };
  const range = (after, upto, epoch = "e") => fit(here, { after, upto, epoch });
  assert.deepEqual([range(5, 7), range(2, 5), range(3, 6), range(6, 7), range(5, 7, "f")], ["next", "old", "gap", "gap", "gap"]);
});

test("events come from the position on, in order, once", (context) => {
  const { client, heard, wire } = connected(context);
  assert.deepEqual(wire.sent, [resume(3)]);
  wire.range(3, 4, ["a"]);
  wire.range(3, 4, ["a"]);
  wire.range(4, 6, ["b"]);
  assert.deepEqual([heard.events, client.position], [[["a", 4], ["b", 6]], { epoch: "e", seq: 6 }]);
});

for (const [name, after, upto] of [["a gap", 6, 8], ["an overlap", 2, 5]]) {
  test(`${name} is resumed from once; what is on the way from before is let by`, (context) => {
    const { heard, wire } = connected(context);
    wire.range(3, 4, ["a"]);
    wire.range(after, upto, ["lost"]);
    wire.range(upto, upto + 1, ["lost too"]);
    assert.deepEqual(wire.of("resume"), [resume(3), resume(4)]);
    wire.say({ type: "pong", id: wire.of("ping")[0].id });
    wire.range(4, 9, ["b"]);
    assert.deepEqual(heard.events, [["a", 4], ["b", 9]]);
    wire.range(10, 11);
    assert.deepEqual(wire.of("resume").at(-1), resume(9));
  });
}

test("a server that leaves gaps for ever is left, and asked ever more seldom", (context) => {
  const { heard, wire } = connected(context);
  for (let time = 0; time < 4; time += 1) {
    wire.range(6, 7);
    wire.say({ type: "pong", id: wire.of("ping").at(-1).id });
  }
  assert.deepEqual([wire.of("resume").length, heard.states.at(-1).state], [4, "reconnecting"]);
});

test("without a position it begins at the welcome's", (context) => {
  const { client } = opened(context);
  client.close();
  client.open(null);
  Wire.last.welcome({ position: { epoch: "e", seq: 8 } });
  assert.deepEqual(Wire.last.sent, [resume(8)]);
});

test("events are acknowledged a quarter of a second later, all of them at once", (context) => {
  const { wire, clock } = connected(context);
  wire.range(3, 4);
  clock(200);
  wire.range(4, 5);
  clock(49);
  assert.deepEqual(wire.of("ack"), []);
  clock(1);
  assert.deepEqual(wire.of("ack"), [ack(5)]);
  clock(10_000);
  assert.equal(wire.of("ack").length, 1);
});

test("with the 64th event there is no waiting, nor with an eighth of the window's bytes", (context) => {
  const { wire, clock } = connected(context);
  wire.range(3, 4);
  wire.range(4, 66, many(62));
  assert.deepEqual(wire.of("ack"), []);
  wire.range(66, 67);
  wire.range(67, 68);
  assert.deepEqual(wire.of("ack"), [ack(67)]);
  wire.range(68, 69, ["x".repeat(131_072)]);
  assert.deepEqual(wire.of("ack").at(-1), ack(69));
  clock(10_000);
  assert.equal(wire.of("ack").length, 2);
});

test("the server says how many may be unacknowledged", (context) => {
  const { wire, clock } = connected(context);
  wire.end(1006);
  clock(250);
  Wire.last.welcome({ limits: { ...LIMITS, ack_events: 2 } });
  Wire.last.range(3, 5, many(2));
  assert.deepEqual(Wire.last.of("ack"), [ack(5)]);
});

test("what comes twice is acknowledged too: the server counts what it sent", (context) => {
  const { wire, clock } = connected(context);
  wire.range(2, 3);
  clock(250);
  assert.deepEqual(wire.of("ack"), [ack(3)]);
});

test("a server without limits is sent no acknowledgement", (context) => {
  const { clock } = opened(context);
  Wire.last.welcome({ limits: undefined });
  Wire.last.range(3, 100, many(97));
  clock(1_000);
  assert.deepEqual(Wire.last.of("ack"), []);
});

test("an acknowledgement that was due goes with its socket", (context) => {
  const { wire, clock } = connected(context);
  wire.range(3, 4);
  wire.end(4403);
  clock(0);
  Wire.last.welcome();
  clock(1_000);
  assert.deepEqual([wire.of("ack"), Wire.last.sent], [[], [resume(4)]]);
});

test("what is not applied is not acknowledged, and a snapshot takes its place", async (context) => {
  let broken = true;
  const applied = [];
  const { wire, clock } = connected(context, {
    onEvents: (events) => {
      if (broken) throw new Error("no room");
      applied.push(...events);
    },
  });
  assert.throws(() => wire.range(3, 4, ["a"]), { message: "no room" });
  clock(1_000);
  assert.deepEqual(wire.of("ack"), []);
  await settled();
  assert.deepEqual(wire.of("resume").at(-1), resume(40, "f"));
  broken = false;
  wire.range(40, 41, ["b"], "f");
  assert.deepEqual(applied, ["b"]);
});

test("a resync takes a snapshot and goes on from there, deaf to what comes before that", async (context) => {
  const { heard, wire } = connected(context);
  wire.say({ type: "resync", position: { epoch: "f", seq: 39 } });
  wire.say({ type: "resync", position: { epoch: "f", seq: 39 } });
  wire.range(3, 4, ["old"]);
  await settled();
  assert.deepEqual([heard.events, wire.of("resume").slice(1)], [[], [resume(40, "f")]]);
  wire.range(40, 41, ["a"], "f");
  assert.deepEqual(heard.events, [["a", 41]]);
});

test("resyncs without an event between them take ever more time", async (context) => {
  let snapshots = 0;
  const { wire, clock } = connected(context, { onResync: async () => ({ epoch: "f", seq: (snapshots += 1) }) });
  const again = async () => {
    wire.say({ type: "resync", position: { epoch: "f", seq: 0 } });
    await settled();
    return snapshots;
  };
  assert.equal(await again(), 1);
  assert.equal(await again(), 1);
  clock(500);
  await settled();
  assert.equal(snapshots, 2);
  wire.range(2, 3, ["a"], "f");
  assert.equal(await again(), 3);
});

test("a snapshot that cannot be had is asked for again on the next socket, before any event", async (context) => {
  let fails = true;
  const { heard, wire, clock } = connected(context, {
    onResync: async () => {
      if (fails) throw new Error("no snapshot");
      return { epoch: "f", seq: 7 };
    },
  });
  wire.say({ type: "resync", position: { epoch: "f", seq: 0 } });
  await settled();
  assert.deepEqual([heard.states.at(-1).state, heard.states.at(-1).error.message], ["reconnecting", "no snapshot"]);
  fails = false;
  clock(250);
  Wire.last.welcome();
  Wire.last.range(3, 4, ["old"]);
  assert.deepEqual([Wire.last.sent, heard.events], [[], []]);
  clock(500);
  await settled();
  assert.deepEqual(Wire.last.sent, [resume(7, "f")]);
});

test("a snapshot that comes after the end counts for nothing", async (context) => {
  let deliver;
  const { client, wire } = connected(context, { onResync: () => new Promise((resolve) => (deliver = resolve)) });
  wire.say({ type: "resync", position: { epoch: "f", seq: 0 } });
  client.close();
  client.open({ epoch: "e", seq: 5 });
  deliver({ epoch: "f", seq: 40 });
  await settled();
  Wire.last.welcome();
  assert.deepEqual([client.position, Wire.last.sent], [{ epoch: "e", seq: 5 }, [resume(5)]]);
});

test("a socket that breaks during a snapshot is resumed from the snapshot", async (context) => {
  let deliver;
  const { wire, clock } = connected(context, { onResync: () => new Promise((resolve) => (deliver = resolve)) });
  wire.say({ type: "resync", position: { epoch: "f", seq: 0 } });
  wire.end(1006);
  clock(250);
  Wire.last.welcome();
  assert.deepEqual(Wire.last.sent, []);
  deliver({ epoch: "f", seq: 40 });
  await settled();
  assert.deepEqual(Wire.last.sent, [resume(40, "f")]);
});

test("a resume that the server had no time for is said again", (context) => {
  const { wire, clock } = connected(context);
  wire.say({ type: "error", id: null, code: "rate_limited", message: "Slower." });
  wire.say({ type: "error", id: null, code: "rate_limited", message: "Slower." });
  clock(499);
  assert.equal(wire.of("resume").length, 1);
  clock(1);
  clock(10_000);
  assert.deepEqual(wire.of("resume"), [resume(3), resume(3)]);
});

test("a gap is no end even if the server had no time for the ping behind its resume", (context) => {
  const { wire } = connected(context);
  wire.range(6, 7);
  wire.say({ type: "error", id: wire.of("ping")[0].id, code: "rate_limited", message: "Slower." });
  wire.range(6, 7);
  assert.equal(wire.of("resume").length, 3);
});

test("somebody else's events are not handed on, and end the matter", (context) => {
  const { heard, wire, clock } = connected(context);
  wire.range(3, 4, ["foreign"], "e", "v");
  clock(600_000);
  const { state, error } = heard.states.at(-1);
  assert.deepEqual([heard.events, state, error.code, Wire.all.length], [[], "broken", "foreign", 1]);
});

test("who comes back as somebody else says nothing: neither position nor question", async (context) => {
  const { client, heard, wire, clock } = connected(context);
  void client.start({ client_id: "1", text: "my secret" }).catch(() => {});
  wire.end(1006);
  clock(250);
  Wire.last.welcome({ user_id: "v" });
  assert.deepEqual([Wire.last.sent, Wire.last.closed], [[], 1000]);
  assert.deepEqual([heard.states.at(-1).state, heard.users], ["signed_out", ["u", "v"]]);
});

test("whose stream it is can be said before the first welcome", (context) => {
  const { heard } = opened(context, { userId: "u" });
  Wire.last.welcome({ user_id: "v" });
  assert.deepEqual([Wire.last.sent, heard.states.at(-1).state], [[], "signed_out"]);
});

test("onUser may close", (context) => {
  const { client } = opened(context, { onUser: () => client.close() });
  Wire.last.welcome();
  assert.deepEqual([Wire.last.sent, client.state], [[], "closed"]);
});
