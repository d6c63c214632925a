/** Netra's client, the page's and anybody's: `make bundle` makes static/netra/netra-client.js of it (docs/client.md). */
export { backoff } from "./client/comingback.js";
export { NetraClient } from "./client/netraclient.js";
export { fit } from "./client/position.js";
export { Refused } from "./client/refused.js";
