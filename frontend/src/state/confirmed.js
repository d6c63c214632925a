/** Guessed mappings that the reader found right, on this device; one that is guessed anew is asked about again. */
import { signal } from "@preact/signals";
import { mine } from "./me.js";

/** {workloadId: the mapping as text} */
const confirmed = signal({});
const REMEMBERED = 200;

export function loadConfirmed() {
  confirmed.value = mine.device().get("confirmed") ?? {};
}

const written = (source) => JSON.stringify(Object.entries(source.mapping).sort());

export const isConfirmed = (log) => confirmed.value[log.id] === written(log.source);

export function confirm(log) {
  const { [log.id]: _, ...others } = confirmed.value;
  confirmed.value = Object.fromEntries([...Object.entries(others), [log.id, written(log.source)]].slice(-REMEMBERED));
  mine.device().set("confirmed", confirmed.value);
}
