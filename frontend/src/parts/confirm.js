import { useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../texts.js";
import { Dialog } from "./dialog.js";

/** Asks before something goes for good; says what goes, and what failed if it did. */
export function Confirm({ title, children, act, label, onClose }) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState(null);
  const go = async () => {
    setBusy(true);
    try {
      await act();
      onClose();
    } catch (error) {
      setTrouble(error.message);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose} kind="narrow">
    <div class="dialog-body">${children}</div>
    ${trouble && html`<p class="message bad" role="alert">${trouble}</p>`}
    <div class="dialog-actions">
      <button type="button" class="button" onClick=${onClose}>${t("cancel")}</button>
      <button type="button" class="button danger" disabled=${busy} onClick=${go}>${busy ? t("working") : label}</button>
    </div>
  <//>`;
}
