/** What screen readers are told, politely; one message at a time. */
import { signal } from "@preact/signals";

export const announcement = signal("");

export function announce(text) {
  announcement.value = text;
}
