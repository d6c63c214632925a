/** How an answer was computed: formula, SQL, and the requests behind a figure, a page at a time. */
import { html } from "../html.js";
import { Fold } from "../report/elements.js";
import { t } from "../texts.js";
import { BehindFigure } from "./rows-behind.js";

export function ShowHow({ workloadId, answer }) {
  const shown = answer.shown ?? [];
  if (shown.length === 0) return null;
  return html`<${Fold} title=${t("answer.how")}>
    ${shown.map((one, place) => html`<${Computation} key=${place} workloadId=${workloadId} answer=${answer} shown=${one} titled=${shown.length > 1} />`)}
  <//>`;
}

function Computation({ workloadId, answer, shown, titled }) {
  const names = [...shown.figures.map((place) => answer.figures[place]?.name), ...shown.tables.map((place) => answer.tables[place]?.title)].filter(Boolean);
  return html`<div class="an-computation">
    ${titled && names.length > 0 && html`<h4>${names.join(", ")}</h4>`}
    ${shown.formula && html`<p>${shown.formula}</p>`}
    ${shown.sql && html`<pre class="an-sql" tabindex="0" aria-label=${t("answer.sql")}><code>${shown.sql}</code></pre>`}
    ${shown.rows && shown.query && workloadId && html`<${BehindFigure} workloadId=${workloadId} query=${shown.query} />`}
  </div>`;
}
