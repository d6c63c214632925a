// What the client's tests stand on: a socket without a network, a clock that is moved by hand, chance that is none.
const { NetraClient } = await import(new URL("../../frontend/src/client/index.js", import.meta.url));

/** The server's end is played by the test: say(), and onclose(). */
export class Wire {
  static all = [];
  readyState = 1;
  sent = [];
  constructor(url) {
    this.url = url;
    Wire.all.push(this);
  }
  static get last() {
    return Wire.all.at(-1);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close(code) {
    this.readyState = 3;
    this.closed = code;
  }
  say(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }
  end(code) {
    this.readyState = 3;
    this.onclose({ code });
  }
  welcome(more = {}) {
    this.say({ type: "welcome", user_id: "u", position: { epoch: "e", seq: 0 }, limits: LIMITS, ...more });
  }
  range(after, upto, events = ["x"], epoch = "e", user_id = "u") {
    this.say({ type: "events", user_id, epoch, after, upto, events });
  }
  /** What was sent of these types, or all. */
  of(...types) {
    return this.sent.filter((frame) => types.includes(frame.type));
  }
}

export const LIMITS = { window_events: 512, window_bytes: 1_048_576, ack_events: 64, heartbeat_seconds: 15, silence_seconds: 90 };

/** Time stands still until it is moved by so many milliseconds. (Node's own differs from one version to the next.) */
export function standing(context) {
  let now = 0;
  let last = 0;
  const waiting = new Map();
  const replaced = {
    setTimeout(act, ms = 0, ...given) {
      last += 1;
      waiting.set(last, { at: now + ms, order: last, act: () => act(...given) });
      return last;
    },
    clearTimeout(id) {
      waiting.delete(id);
    },
  };
  for (const [name, value] of Object.entries(replaced)) context.mock.method(globalThis, name, value);
  context.mock.method(Date, "now", () => now);
  return (ms) => {
    const end = now + ms;
    for (;;) {
      const [next] = [...waiting].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at || a.order - b.order);
      if (next === undefined) break;
      waiting.delete(next[0]);
      now = next[1].at;
      next[1].act();
    }
    now = end;
  };
}

/** A client that was opened at e:3. Time stands still; every wait is half of the longest it may be. */
export function opened(context, { userId = null, ...more } = {}) {
  Wire.all = [];
  const clock = standing(context);
  context.mock.method(Math, "random", () => 0);
  const heard = { events: [], states: [], users: [] };
  const client = new NetraClient({
    url: "ws://netra.test/ws/",
    Socket: Wire,
    onEvents: (events, position) => heard.events.push([...events, position.seq]),
    onResync: () => Promise.resolve({ epoch: "f", seq: 40 }),
    onStatus: (status) => heard.states.push(status),
    onUser: (id) => heard.users.push(id),
    ...more,
  });
  client.open({ epoch: "e", seq: 3 }, userId);
  context.after(() => client.close());
  return { client, heard, clock };
}

/** The same, and welcomed. */
export function connected(context, more) {
  const all = opened(context, more);
  Wire.last.welcome();
  return { ...all, wire: Wire.last };
}

/** Until promises that are settled have told so. */
export const settled = () => new Promise(setImmediate);

/** `navigator.onLine` and the window's events, which there are none of without a browser. */
export function browser(context) {
  const window = new EventTarget();
  const navigator = { onLine: true };
  const given = { addEventListener: window.addEventListener.bind(window), removeEventListener: window.removeEventListener.bind(window), navigator };
  const before = Object.keys(given).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const [name, value] of Object.entries(given)) Object.defineProperty(globalThis, name, { value, configurable: true });
  context.after(() => {
    for (const [name, property] of before) {
      if (property === undefined) delete globalThis[name];
      else Object.defineProperty(globalThis, name, property);
    }
  });
  return (onLine) => {
    navigator.onLine = onLine;
    window.dispatchEvent(new Event(onLine ? "online" : "offline"));
  };
}
