import { backoff } from "./reconnect.js";

const LATEST_MS = 250;
const MOST_GAPS = 3;

/**
 * What a range means at `position`: "next", "old" or "gap".
 *
 * An overlapping range is a gap as well: erased events leave no trace, so its new events can't be identified. A
 * resume gets exactly the rest.
 */
export function fit(position, frame) {
  if (frame.epoch !== position.epoch) return "gap";
  if (frame.upto <= position.seq) return "old";
  return frame.after === position.seq ? "next" : "gap";
}

class Acks {
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
    // Large events fill the window by size, and timers in a background tab may be a minute late.
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
}

/** The user's events: each once, in order, whatever happens to the sockets. */
export class Stream {
  #to;
  #position = null;
  #intact = true; // false: the position is unknown, and a snapshot is needed
  #acks = null;
  #fetching = null; // the snapshot under way
  #resyncs = 0; // in a row
  #gaps = 0; // in a row
  #limited = 0; // in a row
  #marks = 0;
  #mark = null; // the ping behind a second resume: frames before its pong may be the first one's
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
    // A server without limits has no acknowledgements either.
    this.#acks = limits === undefined ? null : new Acks(limits, () => this.#send("ack"));
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
    const current = (this.#fetching = {});
    try {
      if (this.#resyncs > 0) await new Promise((done) => setTimeout(done, backoff(this.#resyncs)));
      if (current !== this.#fetching) return;
      this.#resyncs += 1;
      const position = await this.#to.onResync();
      if (current !== this.#fetching) return;
      this.#position = position;
      this.#intact = true;
    } catch (error) {
      // Without a snapshot there is no position to continue from. It is fetched again on the next socket.
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
      // It is unknown how much of it was applied. A snapshot does not depend on that.
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
    this.#mark = `mark${(this.#marks += 1)}`;
    this.#to.say({ type: "ping", id: this.#mark });
  }

  #send(type) {
    this.#to.say({ type, epoch: this.#position.epoch, seq: this.#position.seq });
  }
}
