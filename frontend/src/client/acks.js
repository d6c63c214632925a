/** Tells the server how far everything is applied: to who does not say so it sends no more than a window full. */

const LATEST_MS = 250;

export class Acks {
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
    // Large events fill the window by their size, and the timers of a tab in the background may be a minute late.
    const many = this.#events >= this.#limits.ack_events || this.#size >= this.#limits.window_bytes / 8;
    if (many) this.#tell();
    else if (this.#timer === 0) this.#timer = setTimeout(() => this.#tell(), LATEST_MS);
  }

  /** Forgets what was to be acknowledged. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = this.#events = this.#size = 0;
  }

  #tell() {
    this.stop();
    this.#acknowledge();
  }
}
