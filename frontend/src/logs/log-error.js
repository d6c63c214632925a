import { useState } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { notifyError } from "../state/notices.js";
import { takeOne } from "../state/store.js";
import { t } from "../texts.js";
import { MappingDialog } from "./mapping-dialog.js";
import { UploadButton } from "./upload-controls.js";

/** Why a log could not be read, and what the user can do. */
export function LogError({ log }) {
  const [mapping, setMapping] = useState(false);
  return html`<div class="message bad">
    <p><strong>${t("log.failed")}</strong> <bdi dir="auto">${log.error?.message}</bdi></p>
    <div class="run-actions">
      ${log.can_reread && (log.preview || log.source) && html`<button type="button" class="button small" onClick=${() => setMapping(true)}>${t("mapping.correct")}</button>`}
      ${log.can_reread && !log.preview && !log.source && html`<${ReadAgain} log=${log} />`}
      <${UploadButton} small=${true} label=${t("upload.another")} />
    </div>
    ${mapping && html`<${MappingDialog} log=${log} onClose=${() => setMapping(false)} />`}
  </div>`;
}

/** The cause may be temporary, such as a full disk. */
function ReadAgain({ log }) {
  const read = () =>
    api
      .post(`workloads/${log.id}/read/`)
      .then((taken) => takeOne("workloads", taken))
      .catch(notifyError);
  return html`<button type="button" class="button small" onClick=${() => void read()}>${t("tryAgain")}</button>`;
}
