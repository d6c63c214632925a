/** Notices on the page, messages for screen readers, and which events are announced. */
import { computed, signal } from "@preact/signals";
import { t } from "../texts.js";
import { uuid } from "../uuid.js";
import { go, openThread } from "./route.js";
import { threads } from "./store.js";

const LIMIT = 4;

export const announcement = signal("");

export function announce(text) {
  announcement.value = text;
}

/** [{id, kind: "info" | "good" | "bad", text, threadId, threadTitle}] */
export const notices = signal([]);
export const unseenCount = computed(() => notices.value.filter((notice) => notice.threadId).length);

/** Shows a notice. It replaces an equal one. */
export function notify(notice) {
  const others = notices.value.filter((known) => known.text !== notice.text || known.threadId !== notice.threadId);
  notices.value = [...others, { kind: "info", threadId: null, ...notice, id: uuid() }].slice(-LIMIT);
}

export function dismiss(id) {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function markSeen(threadId) {
  if (notices.value.some((notice) => notice.threadId === threadId)) {
    notices.value = notices.value.filter((notice) => notice.threadId !== threadId);
  }
}

/** An expired session is shown above the conversation instead. */
export function notifyError(error) {
  if (error.status !== 401) notify({ kind: "bad", text: error.message });
}

/** Shows a system notification, if the user allowed it and the page is hidden. */
function notifySystem(title, body, onClick) {
  if (!("Notification" in globalThis) || Notification.permission !== "granted" || !document.hidden) return;
  const shown = new Notification(title, { body, tag: "netra" });
  shown.onclick = () => {
    window.focus();
    onClick();
    shown.close();
  };
}

export function announceEvent(event) {
  const top = event.parent_request_id === null;
  const here = event.thread_id === openThread.value;
  if (event.type === "agent_started" && top && here) announce(t("run.started"));
  if (event.type === "agent_completed" && !top && here) announce(t("agent.finished", { title: getTitle(event) }));
  if ((event.type === "agent_completed" || event.type === "agent_error") && top) announceEnd(event, here);
}

const getTitle = (event) => event.title ?? event.agent;

function getOutcome(event) {
  if (event.type === "agent_error") return event.code === "cancelled" ? "cancelled" : "failed";
  return event.outcome;
}

function announceEnd(event, here) {
  const how = getOutcome(event);
  const title = threads.value[event.thread_id]?.title ?? "";
  const text = t(`run.ended.${how}`);
  if (here) announce(text);
  if (here && !document.hidden) return;
  notify({ kind: how === "failed" ? "bad" : "good", text, threadId: event.thread_id, threadTitle: title });
  notifySystem(text, title, () => go(event.thread_id));
}
