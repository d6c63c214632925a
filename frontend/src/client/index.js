/** Netra's websocket client, used by the page and by anybody: `make bundle` builds static/netra/netra-client.js from it (docs/client.md). */
export { backoff } from "./reconnect.js";
export { NetraClient } from "./netra-client.js";
export { fit } from "./stream.js";
export { Refused } from "./requests.js";
