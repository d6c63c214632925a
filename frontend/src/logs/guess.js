import { useState } from "preact/hooks";
import { html } from "../html.js";
import { announce } from "../state/announce.js";
import { confirm } from "../state/confirmed.js";
import { t } from "../texts.js";
import { Mapping } from "./columns.js";
import { MappingDialog } from "./mapping.js";

/** Which columns were taken for what, where their names alone told: right by one click, or corrected. */
export function Guess({ log }) {
  const [correcting, setCorrecting] = useState(false);
  const right = () => {
    confirm(log);
    announce(t("guess.confirmed"));
  };
  return html`<div class="message info">
    <p>${t("guess.question")}</p>
    <${Mapping} source=${log.source} />
    <div class="run-actions">
      <button type="button" class="button small" onClick=${right}>${t("guess.right")}</button>
      ${log.can_reread && html`<button type="button" class="button ghost small" onClick=${() => setCorrecting(true)}>${t("mapping.correct")}</button>`}
    </div>
    ${correcting && html`<${MappingDialog} log=${log} onClose=${() => setCorrecting(false)} />`}
  </div>`;
}
