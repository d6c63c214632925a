// What node 22 has and an older one lacks, for programs that the tests start: `node --require websocket.cjs …`.
// A WebSocket as docs/client.md needs it (text frames, a close code, headers), and the global `crypto`.
const crypto = require("node:crypto");
const http = require("node:http");

const [CONTINUATION, TEXT, CLOSE, PING, PONG] = [0, 1, 8, 9, 10];

/** One whole frame at the beginning of the bytes, or null; a server's frames are not masked. */
function frameIn(bytes) {
  if (bytes.length < 2) return null;
  let [length, start] = [bytes[1] & 127, 2];
  const extended = { 126: 2, 127: 8 }[length] ?? 0;
  if (bytes.length < start + extended) return null;
  if (extended === 2) length = bytes.readUInt16BE(2);
  if (extended === 8) length = Number(bytes.readBigUInt64BE(2));
  start += extended;
  if (bytes.length < start + length) return null;
  const payload = bytes.subarray(start, start + length);
  return { last: bytes[0] >= 128, opcode: bytes[0] & 15, payload, size: start + length };
}

/** A client's frame: whole, and masked. */
function frameOf(opcode, payload) {
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = 128 | opcode;
  head[1] = 128 | (head.length === 2 ? payload.length : head.length === 4 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
  const mask = crypto.randomBytes(4);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index % 4])]);
}

class WebSocket {
  #socket = null;
  #bytes = Buffer.alloc(0);
  #parts = [];
  #code = 1006;
  readyState = 0;
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;

  constructor(url, { headers = {} } = {}) {
    const key = crypto.randomBytes(16).toString("base64");
    const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13" };
    const request = http.request(url.replace(/^ws/, "http"), { headers: { ...headers, ...upgrade } });
    request.on("upgrade", (_, socket, first) => this.#open(socket, first));
    request.on("response", () => this.#fail(request));
    request.on("error", () => this.#fail(request));
    request.end();
  }

  send(text) {
    if (this.readyState === 1) this.#socket.write(frameOf(TEXT, Buffer.from(text)));
  }

  close(code = 1000) {
    if (this.readyState > 1) return;
    this.readyState = 2;
    this.#socket?.write(frameOf(CLOSE, Buffer.from([code >> 8, code & 255])));
  }

  #open(socket, first) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("error", () => this.onerror?.({ type: "error" }));
    socket.on("close", () => this.#end());
    if (this.readyState === 2) return void socket.destroy(); // closed before it was open
    this.readyState = 1;
    this.onopen?.({ type: "open" });
    if (first.length > 0) this.#take(first);
  }

  #fail(request) {
    request.destroy();
    this.onerror?.({ type: "error" });
    this.#end();
  }

  #end() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ type: "close", code: this.#code, reason: "", wasClean: this.#code !== 1006 });
  }

  #take(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (let frame = frameIn(this.#bytes); frame !== null; frame = frameIn(this.#bytes)) {
      this.#bytes = this.#bytes.subarray(frame.size);
      this.#handle(frame);
    }
  }

  #handle({ last, opcode, payload }) {
    if (opcode === PING) this.#socket.write(frameOf(PONG, payload));
    if (opcode === CLOSE) {
      this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#socket.end(frameOf(CLOSE, payload.subarray(0, 2)));
    }
    if (opcode !== TEXT && opcode !== CONTINUATION) return;
    this.#parts.push(payload);
    if (!last) return;
    const data = Buffer.concat(this.#parts.splice(0)).toString();
    if (this.readyState === 1) this.onmessage?.({ type: "message", data });
  }
}

globalThis.WebSocket ??= WebSocket;
globalThis.crypto ??= crypto.webcrypto;
