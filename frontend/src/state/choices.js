/** What the reader chose for a conversation: its log, and per log what to assume (model, own prices, discount). */
import { computed, signal } from "@preact/signals";
import { me, mine } from "./me.js";
import { openThread, NEW } from "./route.js";
import { messages, runs, workloadList, workloads } from "./store.js";

/** {threadId: {workload, assumptions: {workloadId: {...}}}} */
const choices = signal({});
const REMEMBERED = 200;

export function loadChoices() {
  choices.value = mine.device().get("choices") ?? {};
}

/** What could not be read is shown when it happens, and not again at every visit. */
export function leaveFailed() {
  const log = workloads.value[choices.value[NEW]?.workload];
  if (log?.state === "failed") save(NEW, { workload: null });
}

function save(threadId, change) {
  const entry = { workload: null, assumptions: {}, ...choices.value[threadId], ...change };
  const others = Object.entries(choices.value).filter(([id]) => id !== threadId);
  choices.value = Object.fromEntries([...others, [threadId, entry]].slice(-REMEMBERED));
  mine.device().set("choices", choices.value);
}

/** The conversation's latest run on a log, or on any. */
function latestRun(threadId, workloadId = null) {
  const list = (messages.value[threadId] ?? []).map((message) => runs.value[message.run_id]);
  return list.findLast((run) => run?.workload_id && (workloadId === null || run.workload_id === workloadId));
}

/** The log of the open conversation: chosen, or that of its latest run, or for a new one the newest. */
export const chosenLog = computed(() => {
  if (me.value === null) return null;
  const threadId = openThread.value;
  const ids = [choices.value[threadId]?.workload, latestRun(threadId)?.workload_id];
  const found = ids.find((id) => id && id in workloads.value);
  if (found) return workloads.value[found];
  return threadId === NEW ? (workloadList.value.find((log) => log.state !== "failed") ?? null) : null;
});

export const chosenAssumptions = computed(() => {
  const log = chosenLog.value;
  if (log === null) return {};
  const threadId = openThread.value;
  return given(choices.value[threadId]?.assumptions?.[log.id] ?? latestRun(threadId, log.id)?.assumptions ?? {});
});

/** Without what says nothing: a run tells all its assumptions, also those that nobody made. */
function given(assumptions) {
  const said = ([name, value]) => value !== null && value !== "" && !(name === "discount_percent" && Number(value) === 0);
  return Object.fromEntries(Object.entries(assumptions).filter(said));
}

/** What holds for a log now: as chosen in the open conversation, else as the given run assumed. */
export function assumedNow(run) {
  return chosenLog.value?.id === run.workload_id ? chosenAssumptions.value : given(run.assumptions);
}

export const chooseLog = (workloadId) => save(openThread.value, { workload: workloadId });

export function assume(workloadId, assumptions) {
  const known = choices.value[openThread.value]?.assumptions ?? {};
  save(openThread.value, { assumptions: { ...known, [workloadId]: given(assumptions) } });
}

/** A new conversation got its id: what was chosen for it goes along. */
export function adoptChoices(threadId) {
  if (choices.value[NEW] !== undefined) save(threadId, choices.value[NEW]);
}

/** Whether nothing can be priced before the reader says which model it was or what it costs. */
export function needsModel(log, assumptions) {
  const columns = log?.source?.columns;
  if (!columns || columns.includes("model")) return false;
  return !assumptions.assume_model && !(assumptions.price_in && assumptions.price_out);
}
