import { Icon } from "../components/icon.js";
import { UserText } from "../components/user-text.js";
import { formatWholeShare } from "../format.js";
import { html } from "../html.js";
import { describeLog } from "../logs/log-facts.js";
import { chosenAssumptions, chosenLog, needsModel } from "../state/choices.js";
import { activeTransfer } from "../state/transfers.js";
import { t } from "../texts.js";

/** The log that the next question is about; opens its details. */
export function LogChip({ onLog }) {
  const log = chosenLog.value;
  if (activeTransfer.value !== null) {
    const { name, sent, size } = activeTransfer.value;
    return html`<span class="log-chip"><${UserText} className="log-chip-name">${name}<//> <span class="log-chip-facts figure">${t("composer.uploading", { share: formatWholeShare(sent / size) })}</span></span>`;
  }
  if (log === null) return html`<span class="quiet log-chip-none">${t("composer.noLog")}</span>`;
  const assumptions = chosenAssumptions.value;
  const lacksModel = log.state === "ready" && needsModel(log, assumptions);
  const words = lacksModel ? t("model.which") : log.state === "ready" ? describeLog(log, assumptions)[0] : t(`log.state.${log.state}`);
  const kind = lacksModel || log.state === "failed" ? "log-chip wants" : "log-chip";
  return html`<button type="button" class=${kind} onClick=${onLog} title=${t("composer.logTitle")}>
    <${Icon} name=${lacksModel || log.state === "failed" ? "alert" : "file"} size=${15} />
    <${UserText} className="log-chip-name">${log.name}<//> <span class="log-chip-facts figure">${words}</span>
    ${assumptions.assume_model && html`<span class="log-chip-facts">${assumptions.assume_model}</span>`}
  </button>`;
}
