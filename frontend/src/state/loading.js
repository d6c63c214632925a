/** Fetches a conversation when it is opened, its earlier messages, more of a list, and what an event says has changed. */
import { signal } from "@preact/signals";
import { api } from "../api.js";
import { t } from "../texts.js";
import { notify, notifyError } from "./notices.js";
import { go, NEW, openThread } from "./route.js";
import { earlier, messages, more, runs, takeEarlier, takeEvents, takeMore, takeOne, takeRun, takeThread, workloads } from "./store.js";

/** A failure changes nothing: the row may be deleted already, and an event will say so. */
export async function refresh(path, take) {
  try {
    take(await api.get(path));
  } catch (error) {
    if (error.status !== 404) notifyError(error);
  }
}

/** Fetches runs of loaded conversations that have ended: only the server knows whether there is a report. */
export function refreshEnded(events) {
  for (const event of events) {
    const over = ["agent_completed", "agent_error"].includes(event.type) && event.parent_request_id === null;
    if (over && event.thread_id in messages.value) void refresh(`runs/${event.run_id}/`, takeRun);
  }
}

/** {threadId, message} of the conversation that could not be loaded, or null. */
export const loadError = signal(null);

/** Events of conversations that are being fetched: the response may be older than these. */
const pendingEvents = new Map();

export function recordPending(events) {
  for (const event of events) pendingEvents.get(event.thread_id)?.push(event);
}

export async function loadThread(threadId) {
  if (threadId === NEW || threadId in messages.value || pendingEvents.has(threadId)) return;
  loadError.value = null;
  pendingEvents.set(threadId, []);
  try {
    const detail = await api.get(`threads/${threadId}/`);
    const events = pendingEvents.get(threadId);
    takeThread(detail);
    takeEvents(events);
    refreshEnded(events);
    loadMissingLogs(threadId);
  } catch (error) {
    if (openThread.peek() !== threadId) return;
    if (error.status !== 404) {
      loadError.value = { threadId, message: error.status === 401 ? t("thread.signedOut") : error.message };
      return;
    }
    notify({ kind: "bad", text: t("thread.gone") });
    go(NEW);
  } finally {
    pendingEvents.delete(threadId);
  }
}

/** Loads the page of earlier messages. Events that arrive meanwhile are applied after it. */
export async function loadEarlier(threadId) {
  const before = earlier.value[threadId];
  if (!before || pendingEvents.has(threadId)) return;
  pendingEvents.set(threadId, []);
  try {
    const detail = await api.get(`threads/${threadId}/?before=${encodeURIComponent(before)}`);
    // It may have been fetched again meanwhile, from another cursor.
    if (earlier.value[threadId] !== before) return;
    takeEarlier(detail);
    takeEvents(pendingEvents.get(threadId));
    loadMissingLogs(threadId);
  } catch (error) {
    notifyError(error);
  } finally {
    pendingEvents.delete(threadId);
  }
}

const requested = new Set();

/** Loads the next page of a list: "threads" or "workloads". */
export async function loadMore(kind) {
  const before = more.value[kind];
  if (!before || requested.has(before)) return;
  requested.add(before);
  try {
    const page = await api.get(`${kind}/?before=${encodeURIComponent(before)}`);
    if (more.value[kind] === before) takeMore(kind, page);
  } catch (error) {
    notifyError(error);
  } finally {
    requested.delete(before);
  }
}

/** Loads logs that a conversation is about and that are too old to be in the list. */
export function loadMissingLogs(threadId) {
  // If the list is complete, a log that is not in it has been deleted.
  if (!more.value.workloads) return;
  const wanted = (messages.value[threadId] ?? []).map((message) => runs.value[message.run_id]?.workload_id);
  const missing = new Set(wanted.filter((id) => id && !(id in workloads.value)));
  for (const id of missing) void refresh(`workloads/${id}/`, (log) => takeOne("workloads", log));
}
