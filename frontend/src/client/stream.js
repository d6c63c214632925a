import { Acks } from "./acks.js";
import { backoff } from "./comingback.js";
import { fit } from "./position.js";

const MOST_GAPS = 3;

/** The user's events: each once, in order, whatever happens to the sockets that bring them. */
export class Stream {
  #to;
  #position = null;
  #whole = true; // false: what was applied cannot be gone on from, a snapshot is due
  #acks = null;
  #fetching = null; // the snapshot under way
  #resyncs = 0; // in a row
  #gaps = 0; // in a row
  #limited = 0; // in a row
  #marks = 0;
  #mark = null; // the ping behind a second resume: frames before its pong may be the first one's
  #again = 0;

  /** `to`: onEvents, onResync; say(frame); giveUp(error) leaves the socket, to come back later. */
  constructor(to) {
    this.#to = to;
  }

  get position() {
    return this.#position;
  }

  begin(position) {
    this.#position = position;
    this.#whole = true;
    this.#resyncs = 0;
  }

  /** A new socket's welcome: nothing comes on it before a resume. */
  welcome({ position, limits }) {
    // A server that names no limits knows no acknowledgements either.
    this.#acks = limits === undefined ? null : new Acks(limits, () => this.#tell("ack"));
    this.#position ??= position;
    if (!this.#whole) void this.resync();
    else this.#tell("resume");
  }

  /** The socket is gone, and with it what was to be said on it. */
  stop() {
    this.#acks?.stop();
    this.#acks = this.#mark = null;
    clearTimeout(this.#again);
    this.#again = this.#gaps = this.#limited = 0;
  }

  /** A snapshot that is on its way counts for nothing any more. */
  abandon() {
    this.#fetching = null;
  }

  take(frame, size) {
    if (!this.#whole) return;
    const how = fit(this.#position, frame);
    if (how === "gap") return this.#gap();
    if (how === "next") this.#apply(frame);
    this.#acks?.applied(frame.events.length, size);
  }

  pong(id) {
    if (id === this.#mark) this.#mark = null;
  }

  /** The server ignored a frame without an id, a resume or an ack. A resume does for both. */
  limited() {
    if (this.#again !== 0) return;
    this.#limited += 1;
    this.#again = setTimeout(() => {
      this.#again = 0;
      if (this.#whole) this.#tell("resume");
    }, backoff(this.#limited));
  }

  /** All anew from a snapshot; one after the other without an event between them comes ever later. */
  async resync() {
    this.#whole = false;
    this.#acks?.stop();
    if (this.#fetching !== null) return;
    const mine = (this.#fetching = {});
    try {
      if (this.#resyncs > 0) await new Promise((done) => setTimeout(done, backoff(this.#resyncs)));
      if (mine !== this.#fetching) return;
      this.#resyncs += 1;
      const position = await this.#to.onResync();
      if (mine !== this.#fetching) return;
      this.#position = position;
      this.#whole = true;
    } catch (error) {
      // Without a snapshot there is nothing to go on from: it is asked for again on the next socket.
      if (mine === this.#fetching) this.#to.giveUp(error);
    } finally {
      if (mine === this.#fetching) this.#fetching = null;
    }
    if (this.#whole) this.#tell("resume");
  }

  #apply(frame) {
    const position = { epoch: frame.epoch, seq: frame.upto };
    try {
      this.#to.onEvents(frame.events, position);
    } catch (error) {
      // How much of it was applied nobody knows. A snapshot does not ask.
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
    this.#tell("resume");
    this.#mark = `mark${(this.#marks += 1)}`;
    this.#to.say({ type: "ping", id: this.#mark });
  }

  #tell(type) {
    this.#to.say({ type, epoch: this.#position.epoch, seq: this.#position.seq });
  }
}
