/** The page's state, and how it changes. Components read the signals; only the functions below write them. */
import { computed, signal } from "@preact/signals";
import { EMPTY, filterTable, merge, put, reduce } from "./reducer.js";
import { openThread } from "./route.js";
import { OPEN } from "./run-reducer.js";
import { fromSnapshot, newer, withEarlier, withMore, withThread } from "./snapshot.js";

const world = signal(EMPTY);

export const threads = computed(() => world.value.threads);
export const messages = computed(() => world.value.messages);
export const earlier = computed(() => world.value.earlier);
export const more = computed(() => world.value.more);
export const runs = computed(() => world.value.runs);
export const workloads = computed(() => world.value.workloads);
export const uploads = computed(() => world.value.uploads);

const byTime = (field) => (a, b) => (a[field] < b[field] ? 1 : a[field] > b[field] ? -1 : 0);
const byPin = (a, b) => Number(b.pinned ?? false) - Number(a.pinned ?? false);
/** Pinned conversations first, then the most recently used ones. */
export const threadList = computed(() => Object.values(threads.value).sort((a, b) => byPin(a, b) || byTime("updated_at")(a, b)));
export const workloadList = computed(() => Object.values(workloads.value).sort(byTime("created_at")));
export const uploadList = computed(() => Object.values(uploads.value).sort(byTime("created_at")));

export const takeSnapshot = (snapshot) => {
  world.value = fromSnapshot(snapshot);
};
export const takeEvents = (events) => {
  world.value = events.reduce(reduce, world.value);
};
export const takeThread = (detail) => {
  world.value = withThread(world.value, detail);
};
export const takeEarlier = (detail) => {
  world.value = withEarlier(world.value, detail);
};
export const takeMore = (kind, page) => {
  world.value = withMore(world.value, kind, page);
};
export const takeRun = (run) => {
  world.value = put(world.value, "runs", run.id, newer(world.value.runs[run.id], run));
};
export const takeOne = (kind, value) => {
  world.value = put(world.value, kind, value.id, value);
};
export const changeOne = (kind, id, fields) => {
  if (id in world.value[kind]) world.value = merge(world.value, kind, id, fields);
};
export const dropOne = (kind, id) => {
  world.value = { ...world.value, [kind]: filterTable(world.value[kind], (_, known) => known !== id) };
};
export const takeEvent = (event) => takeEvents([event]);

export const openRun = computed(() => {
  const list = (messages.value[openThread.value] ?? []).map((message) => runs.value[message.run_id]);
  const open = list.filter((run) => run && OPEN.has(run.state));
  return open.find((run) => run.state !== "queued") ?? open[0] ?? null;
});
