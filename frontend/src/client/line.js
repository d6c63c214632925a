/** One socket from its opening to its end: never silent for long, and not waiting for a silent server. */

const FIRST_WORD_MS = 10_000;
const SILENCE_MS = 35_000; // the server says something every 15 s, be it a heartbeat
const PING_MS = 20_000; // it closes (4408) on who has said nothing for 90 s
const OPEN = 1;

export class Line {
  #socket;
  #hear;
  #lost;
  #over = false;
  #silence;
  #ping = 0;

  /** `hear(frame, size)` gets every frame, its size in characters; `lost(code)` is called once, unless by close(). */
  constructor(socket, hear, lost) {
    this.#socket = socket;
    this.#hear = hear;
    this.#lost = lost;
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = ({ code }) => this.#end(code);
    // A close follows, and has the code; without a listener some sockets throw.
    socket.onerror = () => {};
    // A server that accepts and says nothing is as good as none.
    this.#silence = setTimeout(() => this.#end(1006), FIRST_WORD_MS);
  }

  /** What cannot be said is not kept: after the next welcome it is said anew. */
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
