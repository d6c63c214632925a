import { useEffect, useId, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../texts.js";
import { Icon } from "./icon.js";

/** A modal dialog; the browser traps the focus and restores it. `onClose` is also called on Esc and on a click on the backdrop. */
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

/** Asks before something is permanently deleted, and shows the error if the deletion fails. */
export function Confirm({ title, children, act, label, onClose }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(null);
  const go = async () => {
    setBusy(true);
    try {
      await act();
      onClose();
    } catch (error) {
      setFailure(error.message);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose} kind="narrow">
    <div class="dialog-body">${children}</div>
    ${failure && html`<p class="message bad" role="alert">${failure}</p>`}
    <div class="dialog-actions">
      <button type="button" class="button" onClick=${onClose}>${t("cancel")}</button>
      <button type="button" class="button danger" disabled=${busy} onClick=${go}>${busy ? t("working") : label}</button>
    </div>
  <//>`;
}
