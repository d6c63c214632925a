import { backoff } from "./comingback.js";
import { inEnglish, Refused } from "./refused.js";

const MOST_BYTES = 131_072;
const MOST_REFUSALS = 5; // by then about half a minute has passed

/** What was asked and is not answered yet. It is said again on every new line; the server takes it once. */
export class Asks {
  #say;
  #words;
  #open = new Map();
  #numbers = 0;
  #over = null;

  /** `words(code, values)`: what is said of a refusal of the client's own. */
  constructor(say, words = inEnglish) {
    this.#say = say;
    this.#words = words;
  }

  /** Resolves to the run, or rejects with a Refused. */
  ask(body) {
    if (this.#over !== null) return Promise.reject(this.#over);
    const frame = { ...body, id: `a${(this.#numbers += 1)}` };
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
    if (code === "rate_limited" && asked !== undefined && asked.refusals < MOST_REFUSALS) this.#later(asked);
    else this.#taken(id)?.reject(new Refused(code, message));
  }

  /** From here on there is nobody to ask. */
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
}
