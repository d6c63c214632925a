/** The state of the connection, and whether the page has loaded. */
import { signal } from "@preact/signals";

/** {state: connecting | live | reconnecting | offline | signed_out | broken | closed, retryAt, error} */
export const connection = signal({ state: "connecting", retryAt: null, error: null });

/** "loading", "ready", or the error that kept the page from starting. */
export const boot = signal("loading");
