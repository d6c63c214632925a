/** What was typed and not sent, per conversation, for as long as the tab lives. */
import { signal } from "@preact/signals";
import { mine } from "./me.js";

const drafts = signal({});

export function loadDrafts() {
  drafts.value = mine.tab().get("drafts") ?? {};
}

export const draftOf = (threadId) => drafts.value[threadId] ?? "";

export function draft(threadId, text) {
  const { [threadId]: _, ...others } = drafts.value;
  drafts.value = text === "" ? others : { ...others, [threadId]: text };
  mine.tab().set("drafts", drafts.value);
}

/** What was typed in one conversation goes on in another: where it has become that one. */
export function carryDraft(from, to) {
  const text = draftOf(from);
  if (text === "") return;
  draft(from, "");
  draft(to, text);
}
