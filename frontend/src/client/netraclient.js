import { Asks } from "./asks.js";
import { fateOf, waitAfter } from "./comingback.js";
import { Line } from "./line.js";
import { inEnglish, Refused } from "./refused.js";
import { Stream } from "./stream.js";

const HELD_MS = 10_000;
const SELDOM = 6; // the attempt from which on the waits are the longest
const FINAL = new Set(["signed_out", "broken", "closed"]);

/** One user's stream and questions over one websocket after the other. docs/client.md has an example. */
export class NetraClient {
  #options;
  #stream;
  #asks;
  #line = null;
  #welcomed = false;
  #userId = null;
  #state = "closed";
  #attempt = 0;
  #retry = 0;
  #held = 0;
  #said = null;

  /**
   * url        ws://… or wss://…, the path is /ws/
   * onEvents   (events, position): every range once, in order; applied when it returns. If it throws, onResync is called
   * onResync   (): must fetch a snapshot and resolve to its position
   * onStatus   ({state, retryAt, code, error}): connecting, live, reconnecting, offline, signed_out, broken, closed
   * onUser     (userId): who the server says this is; told at every connect
   * words      (code, values): what a refusal of the client's own says to the user; English without it
   * Socket     a class like WebSocket, made with `new Socket(url)`; it may add an Authorization header
   */
  constructor({
    url,
    onEvents,
    onResync,
    onStatus = () => {},
    onUser = () => {},
    words = inEnglish,
    Socket = globalThis.WebSocket,
  }) {
    if (Socket === undefined) throw new TypeError("There is no WebSocket here: pass one as `Socket`.");
    this.#options = { url, onStatus, onUser, words, Socket };
    const say = (frame) => this.#welcomed && this.#line.say(frame);
    this.#stream = new Stream({ onEvents, onResync, say, giveUp: (error) => this.#leave(error) });
    this.#asks = new Asks(say, words);
  }

  /** {epoch, seq}: everything up to here was applied. */
  get position() {
    return this.#stream.position;
  }

  /** What onStatus told last. */
  get state() {
    return this.#state;
  }

  /**
   * Begins after `position` (a snapshot's; null: from now on), and goes on until close(): whatever breaks is mended.
   * `userId` says whose stream it is; without it, whoever the first welcome names.
   */
  open(position, userId = null) {
    if (this.#state !== "closed") this.close();
    this.#userId = userId;
    this.#attempt = 0;
    this.#stream.begin(position);
    this.#asks.begin();
    globalThis.addEventListener?.("online", this.#online);
    globalThis.addEventListener?.("offline", this.#offline);
    this.#connect("connecting");
  }

  close() {
    this.#finish("closed", { refused: this.#refusal("closed") });
    globalThis.removeEventListener?.("online", this.#online);
    globalThis.removeEventListener?.("offline", this.#offline);
  }

  /** Tries again at once, also after signed_out and broken; not after close(). */
  retry() {
    if (this.#state === "closed") return;
    this.#attempt = 0;
    this.#asks.begin();
    this.#connect(this.#away());
  }

  /** Resolves to the run. Sent again after every reconnection until the server answers: `client_id` makes that safe. */
  start({ client_id, text, thread_id, workload_id, assumptions }) {
    return this.#asks.ask({ type: "start", client_id, text, thread_id, workload_id, assumptions });
  }

  /** Resolves to the run, whose end arrives as an event. */
  cancel(run_id) {
    return this.#asks.ask({ type: "cancel", run_id });
  }

  #online = () => {
    if (!FINAL.has(this.#state)) this.retry();
  };

  // The way there may be another now, or none; a server on this machine is reached without any.
  #offline = () => {
    if (!FINAL.has(this.#state)) this.#connect("offline");
  };

  #away() {
    return globalThis.navigator?.onLine === false ? "offline" : "reconnecting";
  }

  #tell(state, { retryAt = null, code = null, error = null } = {}) {
    this.#state = state;
    this.#options.onStatus({ state, retryAt, code, error });
  }

  #connect(state) {
    this.#hangUp();
    const { url, Socket } = this.#options;
    const hear = (frame, size) => this.#hear(frame, size);
    this.#line = new Line(new Socket(url), hear, (code) => this.#lost(code));
    this.#tell(state);
  }

  #hangUp() {
    clearTimeout(this.#retry);
    clearTimeout(this.#held);
    this.#welcomed = false;
    this.#said = null;
    this.#stream.stop();
    this.#line?.close();
    this.#line = null;
  }

  #lost(code, error = this.#said) {
    const fate = fateOf(code);
    if (fate === "signed_out") return this.#finish(fate, { code });
    if (fate === "broken") {
      return this.#finish(fate, { code, error, refused: this.#refusal("broken", { close: String(code) }) });
    }
    this.#hangUp();
    const state = this.#away();
    // "Offline" may be wrong, so that it is tried all the same.
    const wait = waitAfter(code, state === "offline" ? SELDOM : this.#attempt);
    this.#attempt += 1;
    this.#retry = setTimeout(() => this.#connect(this.#away()), wait);
    this.#tell(state, { retryAt: Date.now() + wait, code, error });
  }

  #leave(error) {
    if (this.#line !== null) this.#lost(1006, error);
  }

  /** Not to come back by itself. Questions wait for a retry(), unless they are refused. */
  #finish(state, { code = null, error = null, refused = null }) {
    this.#hangUp();
    this.#stream.abandon();
    if (refused !== null) this.#asks.end(refused);
    this.#tell(state, { code, error });
  }

  #hear(frame, size) {
    if (frame.type !== "error") this.#said = null;
    if (frame.type === "welcome") this.#welcome(frame);
    else if (frame.type === "events") this.#events(frame, size);
    else if (frame.type === "resync") void this.#stream.resync();
    else if (frame.type === "accepted") this.#asks.accepted(frame.id, frame.run);
    else if (frame.type === "pong") this.#stream.pong(frame.id);
    else if (frame.type === "error") this.#error(frame);
  }

  #welcome(frame) {
    this.#userId ??= frame.user_id;
    if (frame.user_id !== this.#userId) {
      // Somebody else is signed in here by now. Questions and position are not theirs: nothing is said on this socket.
      this.#finish("signed_out", {});
      return this.#options.onUser(frame.user_id);
    }
    this.#welcomed = true;
    // A socket that breaks soon after its welcome, again and again, must not be opened ever faster.
    this.#held = setTimeout(() => (this.#attempt = 0), HELD_MS);
    this.#options.onUser(frame.user_id);
    if (!this.#welcomed) return;
    this.#stream.welcome(frame);
    this.#asks.sayAll();
    this.#tell("live");
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
    if (id === null) this.#said = new Refused(code, message);
    if (id === null && code === "rate_limited") this.#stream.limited();
    this.#stream.pong(id);
    this.#asks.refused(id, code, message);
  }
}
