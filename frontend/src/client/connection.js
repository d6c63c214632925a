/** One socket from open to close. It pings the server, and gives up on a server that is silent. */

const FIRST_WORD_MS = 10_000;
const SILENCE_MS = 35_000; // the server says something every 15 s, be it a heartbeat
const PING_MS = 20_000; // the server closes (4408) a socket that is silent for 90 s
const OPEN = 1;

export class Connection {
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
    // A close with the code follows. Without a listener some sockets throw.
    socket.onerror = () => {};
    // A server that accepts but sends nothing counts as unreachable.
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
    this.#socket.close(1000);
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
}
