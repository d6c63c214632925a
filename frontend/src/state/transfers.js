/** Files on their way to the server from this tab. */
import { computed, signal } from "@preact/signals";
import { openThread } from "./route.js";

/** [{id, name, size, sent, state: "starting" | "sending" | "waiting" | "failed", error, uploadId, threadId, stop}] */
export const transfers = signal([]);

export const transferOf = (id) => transfers.value.find((known) => known.id === id);

/** The file that was brought last into the open conversation and is not there yet: what is asked now is asked of it. */
export const arriving = computed(
  () => transfers.value.findLast((known) => known.threadId === openThread.value && known.state !== "failed") ?? null,
);

export function changeTransfer(id, fields) {
  transfers.value = transfers.value.map((known) => (known.id === id ? { ...known, ...fields } : known));
}

export const dropTransfer = (id) => (transfers.value = transfers.value.filter((known) => known.id !== id));
