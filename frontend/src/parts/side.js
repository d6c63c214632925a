import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../texts.js";
import { Icon } from "./icon.js";

/** A side column: beside the conversation where there is room, else a sheet over it. */
export function Side({ as, label, side, wide, open, onClose, children }) {
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
    // A dialog that was opened from within has its own.
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
