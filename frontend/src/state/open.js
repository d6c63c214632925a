/** The run that Stop and Esc mean: the one at work in the open conversation, else the first that waits. */
import { computed } from "@preact/signals";
import { openThread } from "./route.js";
import { OPEN } from "./run.js";
import { messages, runs } from "./store.js";

export const openRun = computed(() => {
  const list = (messages.value[openThread.value] ?? []).map((message) => runs.value[message.run_id]);
  const open = list.filter((run) => run && OPEN.has(run.state));
  return open.find((run) => run.state !== "queued") ?? open[0] ?? null;
});
