import { useEffect, useId, useRef } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../texts.js";
import { Icon } from "./icon.js";

/** A modal dialog; the browser keeps the focus inside and gives it back. `onClose` is called on Esc and the backdrop too. */
export function Dialog({ title, onClose, children, kind = "" }) {
  const element = useRef(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  const outside = (event) => event.target === element.current && onClose();
  return html`<dialog class=${`dialog ${kind}`} ref=${element} aria-labelledby=${heading} onCancel=${cancel} onMouseDown=${outside}>
    <div class="dialog-inside">
      <header class="dialog-head">
        <h2 id=${heading}>${title}</h2>
        <button type="button" class="button ghost square" onClick=${onClose} aria-label=${t("close")}>
          <${Icon} name="close" />
        </button>
      </header>
      ${children}
    </div>
  </dialog>`;
}
