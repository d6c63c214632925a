/** What the user chose for a conversation: its log, and per log what to assume and whether a matched mapping was confirmed. */
import { computed, signal } from "@preact/signals";
import { me, userStorage } from "./me.js";
import { NEW, openThread } from "./route.js";
import { messages, runs, workloadList, workloads } from "./store.js";

const MAX_CONFIRMED = 200;
const MAX_CHOICES = 200;

/** {workloadId: the mapping as text} */
const confirmed = signal({});

export function loadConfirmed() {
  confirmed.value = userStorage.device().get("confirmed") ?? {};
}

const formatMapping = (source) => JSON.stringify(Object.entries(source.mapping).sort());

const ANY_MAPPING = "*";

export const isConfirmed = (log) => [formatMapping(log.source), ANY_MAPPING].includes(confirmed.value[log.id]);

export const confirmMapping = (log) => saveConfirmed(log.id, formatMapping(log.source));

/** Confirms whatever mapping the log is read with next: the user edited it. */
export const confirmReading = (id) => saveConfirmed(id, ANY_MAPPING);

function saveConfirmed(id, mapping) {
  const { [id]: _, ...others } = confirmed.value;
  confirmed.value = Object.fromEntries([...Object.entries(others), [id, mapping]].slice(-MAX_CONFIRMED));
  userStorage.device().set("confirmed", confirmed.value);
}

/** {threadId: {workload, assumptions: {workloadId: {...}}}} */
const choices = signal({});

export function loadChoices() {
  choices.value = userStorage.device().get("choices") ?? {};
}

/** A log that could not be read is shown once, not at every visit. */
export function dropFailedChoice() {
  const log = workloads.value[choices.value[NEW]?.workload];
  if (log?.state === "failed") save(NEW, { workload: null });
}

function save(threadId, change) {
  const entry = { workload: null, assumptions: {}, ...choices.value[threadId], ...change };
  const others = Object.entries(choices.value).filter(([id]) => id !== threadId);
  choices.value = Object.fromEntries([...others, [threadId, entry]].slice(-MAX_CHOICES));
  userStorage.device().set("choices", choices.value);
}

/** The conversation's latest run on a log, or on any. */
function latestRun(threadId, workloadId = null) {
  const list = (messages.value[threadId] ?? []).map((message) => runs.value[message.run_id]);
  return list.findLast((run) => run?.workload_id && (workloadId === null || run.workload_id === workloadId));
}

/** The log of the open conversation: the chosen one, else that of its latest run; for a new conversation the newest. */
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
  return removeDefaults(choices.value[threadId]?.assumptions?.[log.id] ?? latestRun(threadId, log.id)?.assumptions ?? {});
});

/** What a question says about its log. Everything else that a run reports is kept with the log, and must not be sent again. */
const SENT = ["assume_model", "price_in", "price_out", "discount_percent"];

/** Removes empty values: a run reports all its assumptions, also those that nobody made. */
function removeDefaults(assumptions) {
  const isSet = ([name, value]) => SENT.includes(name) && value !== null && value !== "" && !(name === "discount_percent" && Number(value) === 0);
  return Object.fromEntries(Object.entries(assumptions).filter(isSet));
}

/** The assumptions for a run's log: as chosen in the open conversation, else as the run had them. */
export function getRunAssumptions(run) {
  return chosenLog.value?.id === run.workload_id ? chosenAssumptions.value : removeDefaults(run.assumptions);
}

export const chooseLog = (workloadId) => save(openThread.value, { workload: workloadId });

export function assume(workloadId, assumptions) {
  const known = choices.value[openThread.value]?.assumptions ?? {};
  save(openThread.value, { assumptions: { ...known, [workloadId]: removeDefaults(assumptions) } });
}

/** Moves the choices for a new conversation to its id. */
export function adoptChoices(threadId) {
  if (choices.value[NEW] !== undefined) save(threadId, choices.value[NEW]);
}

/** Whether the user must choose a model or enter prices before anything can be priced. */
export function needsModel(log, assumptions) {
  const columns = log?.source?.columns;
  if (!columns || columns.includes("model")) return false;
  return !assumptions.assume_model && !(assumptions.price_in && assumptions.price_out);
}
