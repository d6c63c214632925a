import { percent } from "../format.js";
import { html } from "../html.js";
import { factsOf } from "../logs/facts.js";
import { Icon } from "../parts/icon.js";
import { UserText } from "../parts/user-text.js";
import { chosenAssumptions, chosenLog, needsModel } from "../state/choices.js";
import { arriving } from "../state/transfers.js";
import { t } from "../texts.js";

/** Which log the next question is about; opens what is known of it. */
export function LogChip({ onLog }) {
  const log = chosenLog.value;
  if (arriving.value !== null) {
    const { name, sent, size } = arriving.value;
    return html`<span class="log-chip"><${UserText} className="log-chip-name">${name}<//> <span class="log-chip-facts figure">${t("composer.uploading", { share: percent(sent / size) })}</span></span>`;
  }
  if (log === null) return html`<span class="quiet log-chip-none">${t("composer.noLog")}</span>`;
  const assumptions = chosenAssumptions.value;
  const wants = log.state === "ready" && needsModel(log, assumptions);
  const words = wants ? t("model.which") : log.state === "ready" ? factsOf(log, assumptions)[0] : t(`log.state.${log.state}`);
  const kind = wants || log.state === "failed" ? "log-chip wants" : "log-chip";
  return html`<button type="button" class=${kind} onClick=${onLog} title=${t("composer.logTitle")}>
    <${Icon} name=${wants || log.state === "failed" ? "alert" : "file"} size=${15} />
    <${UserText} className="log-chip-name">${log.name}<//> <span class="log-chip-facts figure">${words}</span>
    ${assumptions.assume_model && html`<span class="log-chip-facts">${assumptions.assume_model}</span>`}
  </button>`;
}
