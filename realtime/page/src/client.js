/**
 * Netra's websocket, as docs/protocol.md tells it: one module, no dependencies.
 *
 *   const client = new NetraClient({ url, onEvents, onResync, onStatus });
 *   client.open(position);                       // {epoch, seq} of a snapshot, or null: from now on
 *   const run = await client.start({ client_id, text, thread_id, workload_id, assumptions });
 *   await client.cancel(run.id);
 *
 * onEvents(events, position) is called once for each range, in order and without gaps.
 * onResync() must take a snapshot and resolve to its position.
 * onStatus({state, retryAt}) tells one of: connecting, live, reconnecting, offline, signed_out, closed.
 */

const PING_MS = 20_000;
const SILENCE_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;

/** A refusal of the server's, with its `code` and a `message` for the user. */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
}

/** How long to wait before the nth attempt to come back: doubling, half of it by chance. */
export function backoff(attempt, random = Math.random) {
  const most = Math.min(LONGEST_WAIT_MS, 500 * 2 ** attempt);
  return most / 2 + (most / 2) * random();
}

/** What a range means for somebody who is at `position`: "next", "old", or "gap". */
export function fit(position, frame) {
  if (position === null || frame.epoch !== position.epoch) return "gap";
  if (frame.upto <= position.seq) return "old";
  // Of an overlap every event is applied again: reducers are idempotent.
  return frame.after <= position.seq ? "next" : "gap";
}

export class NetraClient {
  #options;
  #socket = null;
  #position = null;
  #welcomed = false;
  #attempt = 0;
  #waiting = new Map();
  #timers = { retry: 0, ping: 0, silence: 0 };
  #state = "closed";
  #numbers = 0;
  #resyncing = false;

  constructor({ url, onEvents, onResync, onStatus = () => {}, onUser = () => {}, Socket = WebSocket }) {
    this.#options = { url, onEvents, onResync, onStatus, onUser, Socket };
  }

  /** Begins, and goes on until close(): whatever breaks is mended. */
  open(position) {
    this.#position = position;
    globalThis.addEventListener?.("online", this.#online);
    globalThis.addEventListener?.("offline", this.#offline);
    this.#connect("connecting");
  }

  close() {
    globalThis.removeEventListener?.("online", this.#online);
    globalThis.removeEventListener?.("offline", this.#offline);
    this.#drop();
    for (const asked of this.#waiting.values()) asked.reject(new Refused("closed", "The connection was closed."));
    this.#waiting.clear();
    this.#tell("closed");
  }

  /** Tries again at once, also after signed_out. */
  retry() {
    this.#attempt = 0;
    this.#connect("reconnecting");
  }

  /** Resolves to the run. Sent again after every reconnection until the server answers: `client_id` makes that safe. */
  start({ client_id, text, thread_id, workload_id, assumptions }) {
    return this.#ask({ type: "start", client_id, text, thread_id, workload_id, assumptions });
  }

  /** Resolves to the run, whose end arrives as an event. */
  cancel(run_id) {
    return this.#ask({ type: "cancel", run_id });
  }

  #online = () => {
    if (this.#state !== "signed_out") this.retry();
  };

  #offline = () => {
    if (this.#state === "signed_out") return;
    this.#drop();
    this.#tell("offline");
  };

  #tell(state, retryAt = null) {
    this.#state = state;
    this.#options.onStatus({ state, retryAt });
  }

  #drop() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#welcomed = false;
    if (socket !== null) socket.close(1000);
  }

  #connect(state) {
    this.#drop();
    if (globalThis.navigator?.onLine === false) return this.#tell("offline");
    this.#tell(state);
    const socket = new this.#options.Socket(this.#options.url);
    this.#socket = socket;
    socket.onmessage = (message) => {
      if (socket === this.#socket) this.#hear(JSON.parse(message.data));
    };
    socket.onclose = (closed) => {
      if (socket === this.#socket) this.#lost(closed.code);
    };
    // A server that accepts and says nothing is as good as none.
    this.#timers.silence = setTimeout(() => this.#lost(1006), SILENCE_MS);
  }

  #lost(code) {
    this.#drop();
    if (code === 4401) return this.#tell("signed_out");
    const wait = backoff(this.#attempt);
    this.#attempt += 1;
    this.#tell("reconnecting", Date.now() + wait);
    this.#timers.retry = setTimeout(() => this.#connect("reconnecting"), wait);
  }

  #hear(frame) {
    clearTimeout(this.#timers.silence);
    clearTimeout(this.#timers.ping);
    this.#timers.ping = setTimeout(() => this.#ping(), PING_MS);
    if (frame.type === "welcome") this.#welcome(frame);
    else if (frame.type === "events") this.#range(frame);
    else if (frame.type === "resync") this.#resync();
    else if (frame.type === "accepted") this.#answer(frame.id, (asked) => asked.resolve(frame.run));
    else if (frame.type === "error") this.#error(frame);
  }

  #welcome(frame) {
    this.#welcomed = true;
    this.#attempt = 0;
    this.#options.onUser(frame.user_id);
    if (this.#position === null) this.#position = frame.position;
    this.#resume();
    for (const asked of this.#waiting.values()) this.#send(asked.frame);
    this.#tell("live");
  }

  #resume() {
    this.#send({ type: "resume", epoch: this.#position.epoch, seq: this.#position.seq });
  }

  #range(frame) {
    if (this.#resyncing) return;
    const how = fit(this.#position, frame);
    if (how === "gap") return this.#resume();
    if (how === "old") return;
    this.#position = { epoch: frame.epoch, seq: frame.upto };
    this.#options.onEvents(frame.events, this.#position);
  }

  async #resync() {
    if (this.#resyncing) return;
    this.#resyncing = true;
    try {
      this.#position = await this.#options.onResync();
    } catch {
      // Without a snapshot there is nothing to go on from: come back later and ask anew.
      this.#resyncing = false;
      if (this.#socket !== null) this.#lost(1006);
      return;
    }
    this.#resyncing = false;
    if (this.#welcomed) this.#resume();
  }

  #error(frame) {
    if (frame.code === "not_authenticated") return;
    this.#answer(frame.id, (asked) => asked.reject(new Refused(frame.code, frame.message)));
  }

  #answer(id, settle) {
    const asked = this.#waiting.get(id);
    if (asked === undefined) return;
    this.#waiting.delete(id);
    settle(asked);
  }

  #ask(body) {
    const frame = { ...body, id: `a${(this.#numbers += 1)}` };
    return new Promise((resolve, reject) => {
      this.#waiting.set(frame.id, { frame, resolve, reject });
      if (this.#welcomed) this.#send(frame);
    });
  }

  #ping() {
    this.#send({ type: "ping", id: "ping" });
    this.#timers.silence = setTimeout(() => this.#lost(1006), SILENCE_MS);
  }

  #send(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }
}
