import { useState } from "preact/hooks";
import { Confirm } from "../components/dialog.js";
import { UserText } from "../components/user-text.js";
import { formatWholeShare } from "../format.js";
import { html } from "../html.js";
import { stopReading } from "../state/log-changes.js";
import { t } from "../texts.js";
import { deleteLog } from "./log-item.js";

/**
 * A log that waits to be read, or how far its reading is. Reading can be cancelled: a first one deletes the log, after
 * another one the earlier version is used.
 */
export function ReadingProgress({ log }) {
  const [cancelling, setCancelling] = useState(false);
  return html`<div class="reading">
    <p class="wait" role="status"><span class="spinner" aria-hidden="true"></span> ${log.progress ? t(`log.step.${log.progress.step}`) : t(`log.wait.${log.state}`)}</p>
    ${log.progress && html`<${Share} log=${log} />`}
    <div class="item-actions"><button type="button" class="button ghost small" onClick=${() => setCancelling(true)}>${t("cancel")}</button></div>
    ${cancelling && html`<${StopReading} log=${log} onDone=${() => setCancelling(false)} />`}
  </div>`;
}

/** Asks whether reading the log is to be stopped, and stops it. */
function StopReading({ log, onDone }) {
  const again = Boolean(log.source);
  const [act, kind] = again ? [() => stopReading(log.id), "again"] : [() => deleteLog(log), "first"];
  return html`<${Confirm} title=${t(`log.stop.title.${kind}`)} act=${act} label=${t(`log.stop.${kind}`)} onClose=${onDone}>
    <p><strong><${UserText}>${log.name}<//></strong></p>
    <p>${t(`log.stop.about.${kind}`)}</p>
  <//>`;
}

/** The share of the step that is done; a bar without a value if that is unknown. */
function Share({ log }) {
  const { share } = log.progress;
  const label = t("log.step.label", { name: log.name });
  if (share === null) return html`<progress aria-label=${label}></progress>`;
  return html`<progress max="1" value=${share} aria-label=${label}></progress>
    <p class="item-facts figure">${formatWholeShare(share)}</p>`;
}
