// What the client asks: until it is answered, one run each. Run by test_page.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, opened, settled, Wire } from "./wire.mjs";

const start = (client, client_id, text = "a") => client.start({ client_id, text });
const accept = (wire, frame, id) => wire.say({ type: "accepted", id: frame.id, run: { id } });
const refuse = (wire, frame, code, message = "") => wire.say({ type: "error", id: frame.id, code, message });

test("what was not accepted is sent again after a reconnection, and only that", async (context) => {
  const { client, wire, clock } = connected(context);
  const first = start(client, "1");
  const next = start(client, "2");
  accept(wire, wire.of("start")[0], "r1");
  assert.deepEqual(await first, { id: "r1" });
  wire.end(1006);
  clock(250);
  Wire.last.welcome();
  assert.deepEqual(Wire.last.sent.map((frame) => frame.client_id ?? frame.type), ["resume", "2"]);
  accept(Wire.last, Wire.last.of("start")[0], "r2");
  assert.deepEqual(await next, { id: "r2" });
});

test("what is asked before the welcome is said after it", (context) => {
  const { client } = opened(context);
  void start(client, "1").catch(() => {});
  assert.deepEqual(Wire.last.sent, []);
  Wire.last.welcome();
  assert.deepEqual(Wire.last.sent.map(({ type }) => type), ["resume", "start"]);
});

test("a refusal reaches whoever asked, with its code", async (context) => {
  const { client, wire } = connected(context);
  const asked = client.cancel("r");
  refuse(wire, wire.of("cancel")[0], "conflict", "It is over.");
  await assert.rejects(asked, { name: "Refused", code: "conflict", message: "It is over." });
});

test("too many runs are told at once: waiting would not help", async (context) => {
  const { client, wire, clock } = connected(context);
  const asked = start(client, "1");
  refuse(wire, wire.of("start")[0], "too_many_runs", "Wait for one to end.");
  await assert.rejects(asked, { code: "too_many_runs" });
  clock(60_000);
  assert.equal(wire.of("start").length, 1);
});

test("too fast is said again later, with the same client_id", async (context) => {
  const { client, wire, clock } = connected(context);
  const asked = start(client, "1");
  refuse(wire, wire.of("start")[0], "rate_limited");
  clock(499);
  assert.equal(wire.of("start").length, 1);
  clock(1);
  const [first, second] = wire.of("start");
  assert.deepEqual(second, first);
  accept(wire, second, "r");
  assert.deepEqual(await asked, { id: "r" });
});

test("too fast for half a minute is told", async (context) => {
  const { client, wire, clock } = connected(context);
  let told = null;
  void start(client, "1").catch((error) => (told = error));
  for (let time = 0; time < 5; time += 1) {
    refuse(wire, wire.of("start").at(-1), "rate_limited", "Slower.");
    clock(15_000);
    wire.say({ type: "heartbeat" });
    await settled();
    assert.deepEqual([told, wire.of("start").length], [null, time + 2]);
  }
  refuse(wire, wire.of("start").at(-1), "rate_limited", "Slower.");
  await settled();
  assert.deepEqual([told.code, told.message], ["rate_limited", "Slower."]);
});

test("a reconnection is no way around a rate limit", (context) => {
  const { client, wire, clock } = connected(context);
  void start(client, "1").catch(() => {});
  refuse(wire, wire.of("start")[0], "rate_limited");
  wire.end(4403);
  clock(1);
  Wire.last.welcome();
  assert.deepEqual(Wire.last.of("start"), []);
  clock(500);
  assert.equal(Wire.last.of("start").length, 1);
});

test("what fell due while there was no socket is said on the next", (context) => {
  const { client, wire, clock } = connected(context);
  void start(client, "1").catch(() => {});
  refuse(wire, wire.of("start")[0], "rate_limited");
  wire.end(4429);
  clock(4_000);
  Wire.last.welcome();
  assert.equal(Wire.last.of("start").length, 1);
});

test("a message that the server would not read is refused here", async (context) => {
  const { client, wire } = connected(context);
  await assert.rejects(start(client, "1", "€".repeat(50_000)), { code: "too_large" });
  assert.deepEqual(wire.of("start"), []);
});

test("what the client itself refuses is said in its page's words", async (context) => {
  const words = (code, values) => `${code}: ${Object.values(values)}`;
  const { client } = connected(context, { words });
  await assert.rejects(start(client, "1", "a".repeat(131_072)), { code: "too_large", message: "too_large: 131072" });
  const asked = start(client, "2");
  Wire.last.end(4400);
  await assert.rejects(asked, { code: "broken", message: "broken: 4400" });
});
