import { useState } from "preact/hooks";
import { html } from "../html.js";
import { readAgain } from "../state/log-changes.js";
import { notifyError } from "../state/notices.js";
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
  const read = () => readAgain(log.id).catch(notifyError);
  return html`<button type="button" class="button small" onClick=${() => void read()}>${t("tryAgain")}</button>`;
}
