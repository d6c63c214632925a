import { useState } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { notifyError } from "../state/notices.js";
import { takeOne } from "../state/store.js";
import { t } from "../texts.js";
import { BringButton } from "./bring.js";
import { MappingDialog } from "./mapping.js";

/** A log that could not be read: why, and what can be done. */
export function LogTrouble({ log }) {
  const [mapping, setMapping] = useState(false);
  return html`<div class="message bad">
    <p><strong>${t("log.failed")}</strong> <bdi dir="auto">${log.error?.message}</bdi></p>
    <div class="run-actions">
      ${log.can_reread && (log.preview || log.source) && html`<button type="button" class="button small" onClick=${() => setMapping(true)}>${t("mapping.correct")}</button>`}
      ${log.can_reread && !log.preview && !log.source && html`<${ReadAgain} log=${log} />`}
      <${BringButton} small=${true} label=${t("upload.another")} />
    </div>
    ${mapping && html`<${MappingDialog} log=${log} onClose=${() => setMapping(false)} />`}
  </div>`;
}

/** What kept it from being read may have passed, as a full disk does. */
function ReadAgain({ log }) {
  const read = () =>
    api
      .post(`workloads/${log.id}/read/`)
      .then((taken) => takeOne("workloads", taken))
      .catch(notifyError);
  return html`<button type="button" class="button small" onClick=${() => void read()}>${t("tryAgain")}</button>`;
}
