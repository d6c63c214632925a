import { signal } from "@preact/signals";

/** Whether there is room for the side columns beside the conversation. */
function media(query) {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => (matches.value = list.matches));
  return matches;
}

export const roomForLeft = media("(min-width: 60rem)");
export const roomForRight = media("(min-width: 80rem)");
