/** How much of the server's disk this user's logs take, and may take: asked anew when a log or an upload comes or goes. */
import { computed, effect, signal } from "@preact/signals";
import { api } from "../api.js";
import { me } from "./me.js";
import { uploads, workloads } from "./store.js";

const SETTLED_MS = 400;
const latest = signal(null);

export const storage = computed(() => latest.value ?? me.value?.storage ?? null);

const taken = computed(() =>
  [...Object.values(workloads.value).map((log) => `${log.id} ${log.state}`), ...Object.keys(uploads.value)].sort().join(),
);

/** From now on. What fails here is tried again with the next change: the figure is a service, not a decision. */
export function followStorage() {
  let timer = null;
  let known = taken.peek();
  effect(() => {
    if (taken.value === known) return;
    known = taken.value;
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), SETTLED_MS);
  });
}

export async function ask() {
  try {
    latest.value = (await api.get("me/")).storage;
  } catch (error) {
    console.warn("how much is stored is not known", error);
  }
}
