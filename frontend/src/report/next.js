/** Questions worth asking next, one click each. */
import { html } from "../html.js";
import { percent } from "./figures.js";
import { questions } from "./shape/questions.js";
import { t } from "./texts.js";

export function Next({ report, onAsk }) {
  const found = questions(report);
  if (!onAsk || !found.length) return null;
  return html`<div class="rp-next" role="group" aria-label=${t("next.heading")}>
    <span>${t("next.heading")}</span>
    ${found.map((one) => {
      const text = t(one.key, { percent: one.percent ? percent(one.percent) : "" });
      return html`<button type="button" class="rp-tool" onClick=${() => onAsk(text)}>${text}</button>`;
    })}
  </div>`;
}
