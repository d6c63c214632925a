/** How the page stands with the server, and whether the first state has arrived. */
import { signal } from "@preact/signals";

/** {state: connecting | live | reconnecting | offline | signed_out | closed, retryAt} */
export const connection = signal({ state: "connecting", retryAt: null });

/** "loading", "ready", or the error that kept the page from starting. */
export const boot = signal("loading");
