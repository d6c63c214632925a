/** The savings waterfall: a table whose rows are drawn, so that screen readers get the same figures. */
import { useId } from "preact/hooks";
import { formatMoney } from "../../format.js";
import { html } from "../../html.js";
import { Section } from "../elements.js";
import { listCandidates } from "../selectors/headline.js";
import { findGoalPlace, selectWaterfallRows } from "../selectors/savings-waterfall.js";
import { t } from "../texts.js";
import { formatGoal } from "../units.js";

export function SavingsWaterfall({ report, runId }) {
  const rows = selectWaterfallRows(report);
  const possible = listCandidates(report).length > 0;
  if (!rows.length || (!report.waterfall.length && !possible)) return null;
  const note = [
    t(report.waterfall.length ? "waterfall.note" : "waterfall.none"),
    possible && t("waterfall.note.candidates"),
  ].filter(Boolean).join(" ");
  return html`<${Section} title=${t("waterfall.heading")} note=${note} runId=${runId} csv=${report.waterfall.length ? "waterfall" : null}>
    <table class="rp-fall" role="table">
      <caption class="rp-hidden">${t("waterfall.heading")}</caption>
      <thead class="rp-hidden" role="rowgroup"><tr role="row">
        ${["waterfall.lever", "waterfall.change", "waterfall.left"].map((key) => html`<th scope="col" role="columnheader">${t(key)}</th>`)}
      </tr></thead>
      <tbody role="rowgroup">${rows.map((one, place) => html`
        <${Row} row=${one} before=${rows[place - 1]} after=${rows[place + 1]} goal=${findGoalPlace(rows)} />
      `)}</tbody>
    </table>
  <//>`;
}

function Row({ row, before, after, goal }) {
  return html`<tr role="row" class=${`rp-fall-${row.kind}`}>
    <th scope="row" role="rowheader">${getTitle(row)}</th>
    <td role="cell" class="rp-num rp-change">${renderChange(row)}<${Bar} row=${row} before=${before} after=${after} goal=${goal} /></td>
    <td role="cell" class="rp-num">${formatMoney(row.left)}</td>
  </tr>`;
}

function getTitle(row) {
  if (row.kind === "goal") return formatGoal(row);
  if (row.kind === "candidate") return html`${row.title} <span class="rp-soft">${t(row.most ? "waterfall.candidate.most" : "waterfall.candidate")}</span>`;
  return row.title ?? t(`waterfall.${row.kind}`);
}

function renderChange(row) {
  if (row.change === null) return null;
  return html`<span class="rp-by">${formatMoney(row.change)}</span>`;
}

// Bars are stretched to their cell. Lines keep their width (non-scaling-stroke); hatching nearly keeps its angle.
function Bar({ row, before, after, goal }) {
  const hatch = useId();
  const joined = row.kind === "start" || row.kind === "drop";
  const falls = row.kind === "drop" || row.kind === "end";
  return html`<span class="rp-bar"><svg viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    ${row.kind === "candidate" && html`<defs>
      <pattern id=${hatch} width="1.5" height="4" patternUnits="userSpaceOnUse" patternTransform="skewX(-20)">
        <rect width="0.6" height="4" class="rp-fill" />
      </pattern>
    </defs>`}
    ${goal !== null && html`<line x1=${goal} x2=${goal} y1="0" y2="32" class="rp-goal-line" />`}
    ${falls && before && html`<line x1=${getEdge(before)} x2=${getEdge(before)} y1="0" y2="6" class="rp-join" />`}
    ${joined && after && ["drop", "end"].includes(after.kind) && html`<line x1=${getEdge(row)} x2=${getEdge(row)} y1="26" y2="32" class="rp-join" />`}
    <rect x=${row.from} y="6" width=${row.to - row.from} height="20" class=${`rp-bar-${row.kind}`}
      fill=${row.kind === "candidate" ? `url(#${hatch})` : undefined} />
  </svg></span>`;
}

/** The position on the scale where the next row starts. */
const getEdge = (row) => (row.kind === "drop" ? row.from : row.to);
