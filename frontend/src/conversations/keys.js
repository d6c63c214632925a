import { html } from "../html.js";
import { Dialog } from "../parts/dialog.js";
import { t } from "../texts.js";

const KEYS = [["key.slash", "keys.search"], ["key.enter", "keys.send"], ["key.shiftEnter", "keys.line"], ["key.escape", "keys.stop"], ["key.tab", "keys.tab"]];

export function Keys({ onClose }) {
  return html`<${Dialog} title=${t("account.keys")} onClose=${onClose} kind="narrow">
    <dl class="keys">${KEYS.map(([key, text]) => html`<div key=${key}><dt><kbd>${t(key)}</kbd></dt><dd>${t(text)}</dd></div>`)}</dl>
  <//>`;
}
