import { useState } from "preact/hooks";
import { formatWholeShare } from "../format.js";
import { html } from "../html.js";
import { t } from "../texts.js";
import { DeleteLog } from "./log-item.js";

/** A log that waits to be read, or how far its reading is. A first reading can be cancelled, which deletes the log. */
export function ReadingProgress({ log }) {
  const [cancelling, setCancelling] = useState(false);
  return html`<div class="reading">
    <p class="wait" role="status"><span class="spinner" aria-hidden="true"></span> ${log.progress ? t(`log.step.${log.progress.step}`) : t(`log.wait.${log.state}`)}</p>
    ${log.progress && html`<${Share} log=${log} />`}
    ${!log.source && html`<div class="item-actions"><button type="button" class="button ghost small" onClick=${() => setCancelling(true)}>${t("cancel")}</button></div>`}
    ${cancelling && html`<${DeleteLog} log=${log} onDone=${() => setCancelling(false)} />`}
  </div>`;
}

/** The share of the step that is done; a bar without a value if that is unknown. */
function Share({ log }) {
  const { share } = log.progress;
  const label = t("log.step.label", { name: log.name });
  if (share === null) return html`<progress aria-label=${label}></progress>`;
  return html`<progress max="1" value=${share} aria-label=${label}></progress>
    <p class="item-facts figure">${formatWholeShare(share)}</p>`;
}
