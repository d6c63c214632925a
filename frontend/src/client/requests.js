import { backoff } from "./reconnect.js";

/** The client's own messages in English, used without `words`. */
const WORDS = {
  too_large: ({ most }) => `A message may have at most ${most} bytes.`,
  closed: () => "The connection was closed.",
  broken: ({ close }) => `The server closed the connection for good (${close}).`,
  foreign: () => "The server sent somebody else's events.",
};
const MOST_BYTES = 131_072;
const MOST_REFUSALS = 5;

/** A refusal with its `code` and a `message` for the user, from the server or from WORDS. */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
}

export const describeInEnglish = (code, values) => WORDS[code](values);
// by then about half a minute has passed

/** Requests that are not answered yet. They are sent again on each new connection; the server accepts each once. */
export class PendingRequests {
  #say;
  #words;
  #open = new Map();
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
}
