/** How much storage this user's logs use and may use, refreshed when a log or an upload is added or removed. */
import { computed, effect, signal } from "@preact/signals";
import { api } from "../api.js";
import { me } from "./me.js";
import { uploads, workloads } from "./store.js";

const SETTLED_MS = 400;
const latest = signal(null);

export const storage = computed(() => latest.value ?? me.value?.storage ?? null);

const storedKeys = computed(() =>
  [...Object.values(workloads.value).map((log) => `${log.id} ${log.state}`), ...Object.keys(uploads.value)].sort().join(),
);

/** Refreshes the figure from now on. A failure is ignored; the next change tries again. */
export function followStorage() {
  let timer = null;
  let known = storedKeys.peek();
  effect(() => {
    if (storedKeys.value === known) return;
    known = storedKeys.value;
    clearTimeout(timer);
    timer = setTimeout(() => void refreshStorage(), SETTLED_MS);
  });
}

export async function refreshStorage() {
  try {
    latest.value = (await api.get("me/")).storage;
  } catch (error) {
    console.warn("how much is stored is not known", error);
  }
}
