/* Netra's page, built by `make bundle` from sources with sha256 7aeecada7004c0b73cea07fae04aa421bb88d382faebd9bc66c7986817f46bc2 */
/* Netra's websocket client, one module without dependencies: docs/client.md */

// src/client/reconnect.js
var LONGEST_WAIT_MS = 3e4;
var SPREAD_MS = 5e3;
var FULL_ATTEMPT = 4;
function backoff(attempt, random = Math.random) {
  const most = Math.min(LONGEST_WAIT_MS, 500 * 2 ** attempt);
  return most / 2 + most / 2 * random();
}
function classifyClose(code) {
  if (code === 4401) return "signed_out";
  return code === 1009 || code === 4400 || code === 4413 ? "broken" : "back";
}
function getWaitAfter(code, attempt, random = Math.random) {
  if (code === 4403 && attempt === 0) return 0;
  if (code === 4429) return backoff(Math.max(attempt, FULL_ATTEMPT), random);
  if (code === 1012) return Math.max(backoff(attempt, random), SPREAD_MS * random());
  return backoff(attempt, random);
}

// src/client/connection.js
var FIRST_WORD_MS = 1e4;
var SILENCE_MS = 35e3;
var PING_MS = 2e4;
var OPEN = 1;
var Connection = class {
  #socket;
  #hear;
  #lost;
  #over = false;
  #silence;
  #ping = 0;
  /** `hear(frame, size)` gets each frame and its size in characters; `lost(code)` is called once, except after close(). */
  constructor(socket, hear, lost) {
    this.#socket = socket;
    this.#hear = hear;
    this.#lost = lost;
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = ({ code }) => this.#end(code);
    socket.onerror = () => {
    };
    this.#silence = setTimeout(() => this.#end(1006), FIRST_WORD_MS);
  }
  /** A frame that can't be sent is dropped; it is sent again after the next welcome. */
  say(frame) {
    if (this.#over || this.#socket.readyState !== OPEN) return;
    this.#socket.send(JSON.stringify(frame));
    this.#speakLater();
  }
  close() {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#silence);
    clearTimeout(this.#ping);
    this.#socket.close(1e3);
  }
  #heard(data) {
    if (this.#over) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end(1006), SILENCE_MS);
    if (this.#ping === 0) this.#speakLater();
    this.#hear(JSON.parse(data), data.length);
  }
  #speakLater() {
    clearTimeout(this.#ping);
    this.#ping = setTimeout(() => this.say({ type: "ping", id: "ping" }), PING_MS);
  }
  #end(code) {
    if (this.#over) return;
    this.close();
    this.#lost(code);
  }
};

// src/client/requests.js
var WORDS = {
  too_large: ({ most }) => `A message may have at most ${most} bytes.`,
  closed: () => "The connection was closed.",
  broken: ({ close }) => `The server closed the connection for good (${close}).`,
  foreign: () => "The server sent somebody else's events."
};
var MOST_BYTES = 131072;
var MOST_REFUSALS = 5;
var Refused = class extends Error {
  constructor(code, message) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
};
var describeInEnglish = (code, values) => WORDS[code](values);
var PendingRequests = class {
  #say;
  #words;
  #open = /* @__PURE__ */ new Map();
  #numbers = 0;
  #over = null;
  /** `words(code, values)`: the text of an error of the client itself. */
  constructor(say, words = describeInEnglish) {
    this.#say = say;
    this.#words = words;
  }
  /** Resolves to the run, or rejects with a Refused. */
  ask(body) {
    if (this.#over !== null) return Promise.reject(this.#over);
    const frame = { ...body, id: `a${this.#numbers += 1}` };
    if (new TextEncoder().encode(JSON.stringify(frame)).length > MOST_BYTES) {
      return Promise.reject(new Refused("too_large", this.#words("too_large", { most: MOST_BYTES })));
    }
    return new Promise((resolve, reject) => {
      this.#open.set(frame.id, { frame, resolve, reject, refusals: 0, timer: 0 });
      this.#say(frame);
    });
  }
  sayAll() {
    for (const asked of this.#open.values()) if (asked.timer === 0) this.#say(asked.frame);
  }
  accepted(id, run) {
    this.#taken(id)?.resolve(run);
  }
  refused(id, code, message) {
    const asked = this.#open.get(id);
    if (code === "rate_limited" && asked !== void 0 && asked.refusals < MOST_REFUSALS) this.#later(asked);
    else this.#taken(id)?.reject(new Refused(code, message));
  }
  /** Rejects everything: there will be no connection any more. */
  end(refused) {
    this.#over = refused;
    for (const id of [...this.#open.keys()]) this.#taken(id).reject(refused);
  }
  begin() {
    this.#over = null;
  }
  #later(asked) {
    asked.refusals += 1;
    clearTimeout(asked.timer);
    asked.timer = setTimeout(() => {
      asked.timer = 0;
      this.#say(asked.frame);
    }, backoff(asked.refusals));
  }
  #taken(id) {
    const asked = this.#open.get(id);
    clearTimeout(asked?.timer);
    this.#open.delete(id);
    return asked;
  }
};

// src/client/stream.js
var LATEST_MS = 250;
var MOST_GAPS = 3;
function fit(position, frame) {
  if (frame.epoch !== position.epoch) return "gap";
  if (frame.upto <= position.seq) return "old";
  return frame.after === position.seq ? "next" : "gap";
}
var Acks = class {
  #limits;
  #acknowledge;
  #events = 0;
  #size = 0;
  #timer = 0;
  /** `limits` are the welcome's; `acknowledge()` sends the ack. */
  constructor(limits, acknowledge) {
    this.#limits = limits;
    this.#acknowledge = acknowledge;
  }
  applied(events, size) {
    this.#events += events;
    this.#size += size;
    const many = this.#events >= this.#limits.ack_events || this.#size >= this.#limits.window_bytes / 8;
    if (many) this.#send();
    else if (this.#timer === 0) this.#timer = setTimeout(() => this.#send(), LATEST_MS);
  }
  /** Drops pending acknowledgements. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = this.#events = this.#size = 0;
  }
  #send() {
    this.stop();
    this.#acknowledge();
  }
};
var Stream = class {
  #to;
  #position = null;
  #intact = true;
  // false: the position is unknown, and a snapshot is needed
  #acks = null;
  #fetching = null;
  // the snapshot under way
  #resyncs = 0;
  // in a row
  #gaps = 0;
  // in a row
  #limited = 0;
  // in a row
  #marks = 0;
  #mark = null;
  // the ping behind a second resume: frames before its pong may be the first one's
  #again = 0;
  /** `to`: onEvents, onResync; say(frame); giveUp(error) closes the socket and reconnects later. */
  constructor(to) {
    this.#to = to;
  }
  get position() {
    return this.#position;
  }
  begin(position) {
    this.#position = position;
    this.#intact = true;
    this.#resyncs = 0;
  }
  /** A new socket's welcome: no events arrive before a resume. */
  welcome({ position, limits }) {
    this.#acks = limits === void 0 ? null : new Acks(limits, () => this.#send("ack"));
    this.#position ??= position;
    if (!this.#intact) void this.resync();
    else this.#send("resume");
  }
  /** The socket is gone, and with it everything that was to be sent on it. */
  stop() {
    this.#acks?.stop();
    this.#acks = this.#mark = null;
    clearTimeout(this.#again);
    this.#again = this.#gaps = this.#limited = 0;
  }
  /** A snapshot that is still being fetched is ignored. */
  abandon() {
    this.#fetching = null;
  }
  take(frame, size) {
    if (!this.#intact) return;
    const how = fit(this.#position, frame);
    if (how === "gap") return this.#gap();
    if (how === "next") this.#apply(frame);
    this.#acks?.applied(frame.events.length, size);
  }
  pong(id) {
    if (id === this.#mark) this.#mark = null;
  }
  /** The server ignored a frame without an id, a resume or an ack. Another resume covers both. */
  limited() {
    if (this.#again !== 0) return;
    this.#limited += 1;
    this.#again = setTimeout(() => {
      this.#again = 0;
      if (this.#intact) this.#send("resume");
    }, backoff(this.#limited));
  }
  /** Starts again from a snapshot. Repeated ones without an event in between come ever later. */
  async resync() {
    this.#intact = false;
    this.#acks?.stop();
    if (this.#fetching !== null) return;
    const current = this.#fetching = {};
    try {
      if (this.#resyncs > 0) await new Promise((done) => setTimeout(done, backoff(this.#resyncs)));
      if (current !== this.#fetching) return;
      this.#resyncs += 1;
      const position = await this.#to.onResync();
      if (current !== this.#fetching) return;
      this.#position = position;
      this.#intact = true;
    } catch (error) {
      if (current === this.#fetching) this.#to.giveUp(error);
    } finally {
      if (current === this.#fetching) this.#fetching = null;
    }
    if (this.#intact) this.#send("resume");
  }
  #apply(frame) {
    const position = { epoch: frame.epoch, seq: frame.upto };
    try {
      this.#to.onEvents(frame.events, position);
    } catch (error) {
      void this.resync();
      throw error;
    }
    this.#position = position;
    this.#gaps = this.#limited = this.#resyncs = 0;
  }
  #gap() {
    if (this.#mark !== null) return;
    this.#gaps += 1;
    if (this.#gaps > MOST_GAPS) return this.#to.giveUp(null);
    this.#send("resume");
    this.#mark = `mark${this.#marks += 1}`;
    this.#to.say({ type: "ping", id: this.#mark });
  }
  #send(type) {
    this.#to.say({ type, epoch: this.#position.epoch, seq: this.#position.seq });
  }
};

// src/client/netra-client.js
var HELD_MS = 1e4;
var SELDOM = 6;
var FINAL = /* @__PURE__ */ new Set(["signed_out", "broken", "closed"]);
var NetraClient = class {
  #options;
  #stream;
  #requests;
  #connection = null;
  #welcomed = false;
  #userId = null;
  #state = "closed";
  #attempt = 0;
  #retry = 0;
  #held = 0;
  #lastError = null;
  /**
   * url        ws://… or wss://…, the path is /ws/
   * onEvents   (events, position): each range once, in order; applied when it returns. If it throws, onResync is called
   * onResync   (): must fetch a snapshot and resolve to its position
   * onStatus   ({state, retryAt, code, error}): connecting, live, reconnecting, offline, signed_out, broken, closed
   * onUser     (userId): who the server says this is; called at every connect
   * words      (code, values): the text of an error of the client itself; English without it
   * Socket     a class like WebSocket, created with `new Socket(url)`; it may add an Authorization header
   */
  constructor({
    url,
    onEvents,
    onResync,
    onStatus = () => {
    },
    onUser = () => {
    },
    words = describeInEnglish,
    Socket = globalThis.WebSocket
  }) {
    if (Socket === void 0) throw new TypeError("There is no WebSocket here: pass one as `Socket`.");
    this.#options = { url, onStatus, onUser, words, Socket };
    const say = (frame) => this.#welcomed && this.#connection.say(frame);
    this.#stream = new Stream({ onEvents, onResync, say, giveUp: (error) => this.#abandon(error) });
    this.#requests = new PendingRequests(say, words);
  }
  /** {epoch, seq}: everything up to here was applied. */
  get position() {
    return this.#stream.position;
  }
  /** What onStatus was last called with. */
  get state() {
    return this.#state;
  }
  /**
   * Starts after `position` (a snapshot's; null: from now on) and reconnects until close().
   * `userId` is the owner of the stream; without it, the user in the first welcome.
   */
  open(position, userId = null) {
    if (this.#state !== "closed") this.close();
    this.#userId = userId;
    this.#attempt = 0;
    this.#stream.begin(position);
    this.#requests.begin();
    globalThis.addEventListener?.("online", this.#online);
    globalThis.addEventListener?.("offline", this.#offline);
    this.#connect("connecting");
  }
  close() {
    this.#finish("closed", { refused: this.#refusal("closed") });
    globalThis.removeEventListener?.("online", this.#online);
    globalThis.removeEventListener?.("offline", this.#offline);
  }
  /** Reconnects at once, also after signed_out and broken, but not after close(). */
  retry() {
    if (this.#state === "closed") return;
    this.#attempt = 0;
    this.#requests.begin();
    this.#connect(this.#away());
  }
  /** Resolves to the run. Sent again after each reconnection until the server answers; `client_id` makes that safe. */
  start({ client_id, text, thread_id, workload_id, assumptions, time_zone }) {
    return this.#requests.ask({ type: "start", client_id, text, thread_id, workload_id, assumptions, time_zone });
  }
  /** Resolves to the run, whose end arrives as an event. */
  cancel(run_id) {
    return this.#requests.ask({ type: "cancel", run_id });
  }
  #online = () => {
    if (!FINAL.has(this.#state)) this.retry();
  };
  // The network may have changed or be gone; a server on this machine is reachable without one.
  #offline = () => {
    if (!FINAL.has(this.#state)) this.#connect("offline");
  };
  #away() {
    return globalThis.navigator?.onLine === false ? "offline" : "reconnecting";
  }
  #setStatus(state, { retryAt = null, code = null, error = null } = {}) {
    this.#state = state;
    this.#options.onStatus({ state, retryAt, code, error });
  }
  #connect(state) {
    this.#hangUp();
    const { url, Socket } = this.#options;
    const receive = (frame, size) => this.#receive(frame, size);
    this.#connection = new Connection(new Socket(url), receive, (code) => this.#lost(code));
    this.#setStatus(state);
  }
  #hangUp() {
    clearTimeout(this.#retry);
    clearTimeout(this.#held);
    this.#welcomed = false;
    this.#lastError = null;
    this.#stream.stop();
    this.#connection?.close();
    this.#connection = null;
  }
  #lost(code, error = this.#lastError) {
    const fate = classifyClose(code);
    if (fate === "signed_out") return this.#finish(fate, { code });
    if (fate === "broken") {
      return this.#finish(fate, { code, error, refused: this.#refusal("broken", { close: String(code) }) });
    }
    this.#hangUp();
    const state = this.#away();
    const wait = getWaitAfter(code, state === "offline" ? SELDOM : this.#attempt);
    this.#attempt += 1;
    this.#retry = setTimeout(() => this.#connect(this.#away()), wait);
    this.#setStatus(state, { retryAt: Date.now() + wait, code, error });
  }
  #abandon(error) {
    if (this.#connection !== null) this.#lost(1006, error);
  }
  /** Stops reconnecting. Questions wait for retry(), unless they are refused. */
  #finish(state, { code = null, error = null, refused = null }) {
    this.#hangUp();
    this.#stream.abandon();
    if (refused !== null) this.#requests.end(refused);
    this.#setStatus(state, { code, error });
  }
  #receive(frame, size) {
    if (frame.type !== "error") this.#lastError = null;
    if (frame.type === "welcome") this.#welcome(frame);
    else if (frame.type === "events") this.#events(frame, size);
    else if (frame.type === "resync") void this.#stream.resync();
    else if (frame.type === "accepted") this.#requests.accepted(frame.id, frame.run);
    else if (frame.type === "pong") this.#stream.pong(frame.id);
    else if (frame.type === "error") this.#error(frame);
  }
  #welcome(frame) {
    this.#userId ??= frame.user_id;
    if (frame.user_id !== this.#userId) {
      this.#finish("signed_out", {});
      return this.#options.onUser(frame.user_id);
    }
    this.#welcomed = true;
    this.#held = setTimeout(() => this.#attempt = 0, HELD_MS);
    this.#options.onUser(frame.user_id);
    if (!this.#welcomed) return;
    this.#stream.welcome(frame);
    this.#requests.sayAll();
    this.#setStatus("live");
  }
  #events(frame, size) {
    if (frame.user_id === this.#userId) return this.#stream.take(frame, size);
    const refused = this.#refusal("foreign");
    this.#finish("broken", { error: refused, refused });
  }
  #refusal(code, values = {}) {
    return new Refused(code, this.#options.words(code, values));
  }
  #error({ id, code, message }) {
    if (id === null) this.#lastError = new Refused(code, message);
    if (id === null && code === "rate_limited") this.#stream.limited();
    this.#stream.pong(id);
    this.#requests.refused(id, code, message);
  }
};
export {
  NetraClient,
  Refused,
  backoff,
  fit
};
