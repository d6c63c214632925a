/** Fetching a conversation when it is opened. */
import { signal } from "@preact/signals";
import { api } from "../api.js";
import { t } from "../texts.js";
import { notify } from "./notices.js";
import { refreshEnded } from "./refreshing.js";
import { go, NEW, openThread } from "./route.js";
import { messages, takeEvents, takeThread } from "./store.js";

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
