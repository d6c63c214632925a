/** Fetching a conversation when it is opened, what was said before in it, and more of a list. */
import { signal } from "@preact/signals";
import { api } from "../api.js";
import { t } from "../texts.js";
import { notify, notifyError } from "./notices.js";
import { refresh, refreshEnded } from "./refreshing.js";
import { go, NEW, openThread } from "./route.js";
import { earlier, messages, more, runs, takeEarlier, takeEvents, takeMore, takeOne, takeThread, workloads } from "./store.js";

/** {threadId, message} of the conversation that could not be fetched, or null. */
export const trouble = signal(null);

/** What was told of conversations while they were on their way here: the answer may be older than that. */
const onTheWay = new Map();

export function meanwhile(events) {
  for (const event of events) onTheWay.get(event.thread_id)?.push(event);
}

export async function loadThread(threadId) {
  if (threadId === NEW || threadId in messages.value || onTheWay.has(threadId)) return;
  trouble.value = null;
  onTheWay.set(threadId, []);
  try {
    const detail = await api.get(`threads/${threadId}/`);
    const told = onTheWay.get(threadId);
    takeThread(detail);
    takeEvents(told);
    refreshEnded(told);
    completeLogs(threadId);
  } catch (error) {
    if (openThread.peek() !== threadId) return;
    if (error.status !== 404) {
      trouble.value = { threadId, message: error.status === 401 ? t("thread.signedOut") : error.message };
      return;
    }
    notify({ kind: "bad", text: t("thread.gone") });
    go(NEW);
  } finally {
    onTheWay.delete(threadId);
  }
}

/** The page before what is here of a conversation. What is told meanwhile of its runs holds after it. */
export async function loadEarlier(threadId) {
  const before = earlier.value[threadId];
  if (!before || onTheWay.has(threadId)) return;
  onTheWay.set(threadId, []);
  try {
    const detail = await api.get(`threads/${threadId}/?before=${encodeURIComponent(before)}`);
    // It may have been fetched anew meanwhile, and begin elsewhere.
    if (earlier.value[threadId] !== before) return;
    takeEarlier(detail);
    takeEvents(onTheWay.get(threadId));
    completeLogs(threadId);
  } catch (error) {
    notifyError(error);
  } finally {
    onTheWay.delete(threadId);
  }
}

const asked = new Set();

/** More of a list that goes on: "threads" or "workloads". */
export async function loadMore(kind) {
  const before = more.value[kind];
  if (!before || asked.has(before)) return;
  asked.add(before);
  try {
    const page = await api.get(`${kind}/?before=${encodeURIComponent(before)}`);
    if (more.value[kind] === before) takeMore(kind, page);
  } catch (error) {
    notifyError(error);
  } finally {
    asked.delete(before);
  }
}

/** Logs that a conversation was asked about, and that are too old to be in the list yet. */
export function completeLogs(threadId) {
  // Where the list is whole, what is not in it is gone.
  if (!more.value.workloads) return;
  const wanted = (messages.value[threadId] ?? []).map((message) => runs.value[message.run_id]?.workload_id);
  const missing = new Set(wanted.filter((id) => id && !(id in workloads.value)));
  for (const id of missing) void refresh(`workloads/${id}/`, (log) => takeOne("workloads", log));
}
