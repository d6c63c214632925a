import { useEffect } from "preact/hooks";
import { openRun } from "./state/open.js";
import { stop } from "./run/stop.js";

const TYPING = "input, textarea, select, [contenteditable]";

/** "/" searches, Esc stops. What an open dialog, menu or field does with the same keys comes first. */
export function useShortcuts({ showLeft }) {
  useEffect(() => {
    const keys = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (event.key === "/" && !event.target.matches(TYPING)) {
        event.preventDefault();
        search(showLeft);
      }
      if (event.key === "Escape" && openRun.value !== null) void stop(openRun.value.id);
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, []);
}

function search(showLeft) {
  const field = document.querySelector("#search");
  if (field !== null) return field.focus();
  showLeft();
  return requestAnimationFrame(() => document.querySelector("#search")?.focus());
}
