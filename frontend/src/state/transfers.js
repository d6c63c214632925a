/** Files being uploaded from this tab. */
import { computed, signal } from "@preact/signals";
import { openThread } from "./route.js";

/** [{id, name, size, sent, state: "starting" | "sending" | "waiting" | "failed", error, uploadId, threadId, stop}] */
export const transfers = signal([]);

export const findTransfer = (id) => transfers.value.find((known) => known.id === id);

/** The latest file being uploaded in the open conversation: questions asked now are about it. */
export const activeTransfer = computed(
  () => transfers.value.findLast((known) => known.threadId === openThread.value && known.state !== "failed") ?? null,
);

export function changeTransfer(id, fields) {
  transfers.value = transfers.value.map((known) => (known.id === id ? { ...known, ...fields } : known));
}

export const dropTransfer = (id) => (transfers.value = transfers.value.filter((known) => known.id !== id));
