import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../texts.js";
import { Icon } from "./icon.js";

/** Whether there is room for the side columns beside the conversation. */
function watchMedia(query) {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => (matches.value = list.matches));
  return matches;
}

export const roomForLeft = watchMedia("(min-width: 60rem)");
export const roomForRight = watchMedia("(min-width: 80rem)");

/** A side column: beside the conversation if there is room, otherwise a sheet over it. */
export function SideColumn({ as, label, side, wide, open, onClose, children }) {
  if (wide) return open ? html`<${as} class=${`side ${side}`} aria-label=${label}>${children}<//>` : null;
  return open ? html`<${Sheet} label=${label} side=${side} onClose=${onClose} as=${as}>${children}<//>` : null;
}

function Sheet({ as, label, side, onClose, children }) {
  const element = useRef(null);
  useEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  const cancel = (event) => {
    // A dialog opened from inside handles its own cancel event.
    if (event.target !== element.current) return;
    event.preventDefault();
    onClose();
  };
  return html`<dialog class=${`sheet ${side}`} ref=${element} aria-label=${label} onCancel=${cancel}
    onMouseDown=${(event) => event.target === element.current && onClose()}>
    <${as} class="side in-sheet" aria-label=${label}>
      <button type="button" class="button ghost square sheet-close" onClick=${onClose} aria-label=${t("close")}>
        <${Icon} name="close" />
      </button>
      ${children}
    <//>
  </dialog>`;
}
