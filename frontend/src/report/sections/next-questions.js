/** Questions to ask next, one click each. */
import { formatPercent } from "../../format.js";
import { html } from "../../html.js";
import { selectNextQuestions } from "../selectors/headline.js";
import { t } from "../texts.js";

export function NextQuestions({ report, onAsk }) {
  const found = selectNextQuestions(report);
  if (!onAsk || !found.length) return null;
  return html`<div class="rp-next" role="group" aria-label=${t("next.heading")}>
    <span>${t("next.heading")}</span>
    ${found.map((one) => {
      const text = t(one.key, { percent: one.percent ? formatPercent(one.percent) : "" });
      return html`<button type="button" class="rp-tool" onClick=${() => onAsk(text)}>${text}</button>`;
    })}
  </div>`;
}
