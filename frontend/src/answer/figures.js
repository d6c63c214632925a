/** The figures of an answer, each with its unit and basis. */
import { html } from "../html.js";
import { Basis } from "../report/marks.js";
import { has, t } from "../texts.js";
import { formatFigure } from "./selectors/values.js";

const MOST = 8;

export function Figures({ figures }) {
  if (figures.length === 0) return null;
  return html`<dl class="an-figures">
    ${figures.slice(0, MOST).map((figure, place) => html`<${Figure} key=${place} figure=${figure} />`)}
  </dl>`;
}

/** What a figure in money was computed from; the note under the answer has the date of the prices. */
function selectBasis(unit, basis) {
  return unit.startsWith("usd") && basis === "observed" ? t("answer.basis.priced") : undefined;
}

function Figure({ figure: { name, value, unit, basis } }) {
  const text = formatFigure(value, unit);
  return html`<div class="an-figure">
    <dt>${name}</dt>
    <dd>
      <span class="an-value">${text ?? t("answer.unknown")}</span>
      ${text !== null && has(`answer.unit.${unit}`) && html` <span class="an-unit">${t(`answer.unit.${unit}`)}</span>`}
      <span class="an-basis"><${Basis} basis=${text === null ? "unknown" : basis} words=${selectBasis(unit, basis)} /></span>
    </dd>
  </div>`;
}
