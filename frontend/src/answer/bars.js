/** Horizontal bars, one row for each name, with the values written beside them. */
import { html } from "../html.js";
import { Name } from "../report/elements.js";
import { t } from "../texts.js";
import { selectRange } from "./selectors/chart.js";

/** `whole`: what the full width stands for; without it the largest value. */
export function Bars({ chart, whole = null }) {
  const [least, most] = whole === null ? selectRange(chart.series) : [0, whole];
  const span = most - least || 1;
  return html`<div class="an-bars">
    ${chart.labels.map((label, row) => html`<div class="an-bar-row" key=${row}>
      <span class="an-bar-name">${label === null ? t("answer.none") : html`<${Name} text=${label} />`}</span>
      <span class="an-bar-lanes">
        ${chart.series.map((one, place) => html`<${Lane} value=${one.values[row]} least=${least} span=${span} place=${place} />`)}
      </span>
      <span class="an-bar-values">${chart.series.map((one) => html`<span>${one.texts[row] ?? t("answer.unknown")}</span>`)}</span>
    </div>`)}
  </div>`;
}

function Lane({ value, least, span, place }) {
  const from = ((Math.min(0, value ?? 0) - least) / span) * 100;
  const width = (Math.abs(value ?? 0) / span) * 100;
  return html`<svg class=${`an-lane an-series-${place}`} width="100%" height="12" preserveAspectRatio="none">
    <rect x="0" width="100%" height="12" class="an-track" />
    ${width > 0 && html`<rect x=${`${from}%`} width=${`${Math.max(width, 0.4)}%`} height="12" class="an-bar" />`}
  </svg>`;
}
