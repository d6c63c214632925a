import { Connection } from "./connection.js";
import { classifyClose, getWaitAfter } from "./reconnect.js";
import { describeInEnglish, PendingRequests, Refused } from "./requests.js";
import { Stream } from "./stream.js";

const HELD_MS = 10_000;
const SELDOM = 6; // the attempt from which on the waits are the longest
const FINAL = new Set(["signed_out", "broken", "closed"]);

/** One user's stream and questions, over one websocket at a time. docs/client.md has an example. */
export class NetraClient {
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
    onStatus = () => {},
    onUser = () => {},
    words = describeInEnglish,
    Socket = globalThis.WebSocket,
  }) {
    if (Socket === undefined) throw new TypeError("There is no WebSocket here: pass one as `Socket`.");
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
    // "Offline" may be wrong, so the client tries anyway.
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
      // Another user is signed in now. The questions and position are not theirs, so nothing is sent on this socket.
      this.#finish("signed_out", {});
      return this.#options.onUser(frame.user_id);
    }
    this.#welcomed = true;
    // A socket that repeatedly closes soon after its welcome must not be reopened ever faster.
    this.#held = setTimeout(() => (this.#attempt = 0), HELD_MS);
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
}
