/** Unsent text per conversation, until the tab is closed. */
import { signal } from "@preact/signals";
import { userStorage } from "./me.js";

const drafts = signal({});

export function loadDrafts() {
  drafts.value = userStorage.tab().get("drafts") ?? {};
}

export const getDraft = (threadId) => drafts.value[threadId] ?? "";

export function saveDraft(threadId, text) {
  const { [threadId]: _, ...others } = drafts.value;
  drafts.value = text === "" ? others : { ...others, [threadId]: text };
  userStorage.tab().set("drafts", drafts.value);
}

/** Moves a draft from a new conversation to the one it has become. */
export function moveDraft(from, to) {
  const text = getDraft(from);
  if (text === "") return;
  saveDraft(from, "");
  saveDraft(to, text);
}
