/** What the user chose for a conversation: its log, and per log whether a matched mapping was confirmed. */
import { computed, signal } from "@preact/signals";
import { saveAssumptions } from "./log-changes.js";
import { me, userStorage } from "./me.js";
import { NEW, openThread } from "./route.js";
import { messages, runs, takeOne, workloadList, workloads } from "./store.js";

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

/** {threadId: {workload}} */
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
  const entry = { workload: null, ...choices.value[threadId], ...change };
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

/** What is kept with the selected log about its prices: only what is set. */
export const chosenAssumptions = computed(() => getLogAssumptions(chosenLog.value));

const SCALARS = ["assume_model", "price_in", "price_out", "discount_percent"];

function getLogAssumptions(log) {
  const isSet = ([name, value]) => SCALARS.includes(name) && value !== null && !(name === "discount_percent" && Number(value) === 0);
  return Object.fromEntries(Object.entries(log?.assumptions ?? {}).filter(isSet));
}

/** What is kept with a run's log. */
export const getRunAssumptions = (run) => getLogAssumptions(workloads.value[run.workload_id]);

/** Whether a run was made with other prices than those that are kept with its log now. */
export function hasOtherPrices(run) {
  const log = workloads.value[run.workload_id];
  if (!log?.assumptions || !run.assumptions) return false;
  const pick = ({ model_prices = [], model_names = [], ...rest }) =>
    JSON.stringify([model_prices, model_names, ...SCALARS.map((name) => (rest[name] === null || rest[name] === undefined ? null : name === "assume_model" ? rest[name] : Number(rest[name])))]);
  return pick(log.assumptions) !== pick(run.assumptions);
}

export const chooseLog = (workloadId) => save(openThread.value, { workload: workloadId });

/** Like saveAssumptions for a model or prices, shown at once. */
export function assume(workloadId, change) {
  const log = workloads.value[workloadId];
  if (log?.assumptions) takeOne("workloads", { ...log, assumptions: { ...log.assumptions, ...change } });
  return saveAssumptions(workloadId, change);
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
