import { html } from "../html.js";
import { Dialog } from "../parts/dialog.js";
import { t } from "../texts.js";

const KEYS = [["/", "keys.search"], ["Enter", "keys.send"], ["Shift + Enter", "keys.line"], ["Esc", "keys.stop"], ["Tab", "keys.tab"]];

export function Keys({ onClose }) {
  return html`<${Dialog} title=${t("account.keys")} onClose=${onClose} kind="narrow">
    <dl class="keys">${KEYS.map(([key, text]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${t(text)}</dd></div>`)}</dl>
  <//>`;
}
