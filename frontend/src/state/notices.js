/** Short messages beside the page's content, and what is told of runs that ended elsewhere. */
import { computed, signal } from "@preact/signals";
import { uuid } from "./uuid.js";

/** [{id, kind: "info" | "good" | "bad", text, threadId, threadTitle}] */
export const notices = signal([]);
export const unseen = computed(() => notices.value.filter((notice) => notice.threadId).length);

const LIMIT = 4;

/** Shows a message. The same once more replaces the earlier one. */
export function notify(notice) {
  const others = notices.value.filter((known) => known.text !== notice.text || known.threadId !== notice.threadId);
  notices.value = [...others, { kind: "info", threadId: null, ...notice, id: uuid() }].slice(-LIMIT);
}

export function dismiss(id) {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function seen(threadId) {
  if (notices.value.some((notice) => notice.threadId === threadId)) {
    notices.value = notices.value.filter((notice) => notice.threadId !== threadId);
  }
}

/** That the session is over is said once, above the conversation. */
export function notifyError(error) {
  if (error.status !== 401) notify({ kind: "bad", text: error.message });
}

/** A notification of the system's, where the reader allowed it and is looking elsewhere. */
export function notifySystem(title, body, onClick) {
  if (!("Notification" in globalThis) || Notification.permission !== "granted" || !document.hidden) return;
  const shown = new Notification(title, { body, tag: "netra" });
  shown.onclick = () => {
    window.focus();
    onClick();
    shown.close();
  };
}
