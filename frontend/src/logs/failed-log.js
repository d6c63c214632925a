/** In the list of logs: why a file could not be read, until it is dismissed or its columns are mapped. */
import { useState } from "preact/hooks";
import { UserText } from "../components/user-text.js";
import { html } from "../html.js";
import { notifyError } from "../state/notices.js";
import { t } from "../texts.js";
import { deleteLog } from "./log-item.js";
import { MappingDialog } from "./mapping-dialog.js";

export function FailedLog({ log }) {
  const [mapping, setMapping] = useState(false);
  const dismiss = () => deleteLog(log).catch(notifyError);
  return html`<li class="failed-log message bad">
    <p><strong><${UserText}>${log.name}<//></strong>: ${t("log.failed")} <bdi dir="auto">${log.error?.message}</bdi></p>
    <div class="run-actions">
      ${log.can_reread && (log.preview || log.source) && html`<button type="button" class="button small" onClick=${() => setMapping(true)}>${t("mapping.correct")}</button>`}
      <button type="button" class="button ghost small" onClick=${() => void dismiss()} aria-label=${t("log.dismiss.of", { name: log.name })}>${t("log.dismiss")}</button>
    </div>
    ${mapping && html`<${MappingDialog} log=${log} onClose=${() => setMapping(false)} />`}
  </li>`;
}
