/** An answer, from the JSON of docs/answers.md. */
import { html } from "../html.js";
import { Markdown } from "../report/markdown.js";
import { t } from "../texts.js";
import { AnswerTable } from "./answer-table.js";
import { Chart } from "./chart.js";
import { Chips } from "./chips.js";
import { Figures } from "./figures.js";
import { selectChart } from "./selectors/chart.js";
import { isHeadline } from "./selectors/text.js";
import { ShowHow } from "./show-how.js";

/** `workloadId`: the log that the answer is about, or null. `onAsk(text)` asks a question; without it, which is so for all answers but the latest, nothing is offered to ask next. */
export function Answer({ answer, workloadId, onAsk = null }) {
  const chart = selectChart(answer);
  return html`<div class=${`rp an an-${answer.kind}`}>
    <div class=${answer.kind === "answer" && isHeadline(answer.text) ? "an-text headline" : "an-text"}><${Markdown} text=${answer.text} /></div>
    <${Notes} notes=${answer.notes ?? []} />
    <${Choices} choices=${answer.choices ?? []} onAsk=${onAsk} />
    <${Chips} chips=${answer.understood ?? []} onAsk=${onAsk} />
    <${Figures} figures=${answer.figures} />
    ${answer.tables.map((table, place) => html`<${TableWithChart} key=${place} table=${table} chart=${chart && answer.chart.table === place ? chart : null} />`)}
    <${ShowHow} workloadId=${workloadId} answer=${answer} />
    <${Suggestions} answer=${answer} onAsk=${onAsk} />
  </div>`;
}

function TableWithChart({ table, chart }) {
  return html`<section class="rp-section an-table" aria-label=${table.title}>
    ${chart && html`<${Chart} chart=${chart} />`}
    <${AnswerTable} table=${table} chart=${chart} />
  </section>`;
}

function Notes({ notes }) {
  if (notes.length === 0) return null;
  return html`<ul class="an-notes" aria-label=${t("answer.notes")}>${notes.map((note) => html`<li key=${note}><${Markdown} text=${note} /></li>`)}</ul>`;
}

function Choices({ choices, onAsk }) {
  if (choices.length === 0 || !onAsk) return null;
  return html`<div class="an-buttons" role="group" aria-label=${t("answer.choices")}>
    ${choices.map(({ label, ask }) => html`<button key=${ask} type="button" class="button small" onClick=${() => onAsk(ask)}><bdi dir="auto">${label}</bdi></button>`)}
  </div>`;
}

function Suggestions({ answer: { kind, suggestions = [] }, onAsk }) {
  if (suggestions.length === 0 || !onAsk) return null;
  const title = t(kind === "answer" ? "answer.suggestions" : "answer.canAsk");
  return html`<div class="an-next" role="group" aria-label=${title}>
    <span class="an-label">${title}</span>
    <div class="an-buttons">
      ${suggestions.map((text) => html`<button key=${text} type="button" class="button small" onClick=${() => onAsk(text)}><bdi dir="auto">${text}</bdi></button>`)}
    </div>
  </div>`;
}
