/** The waterfall: a table whose rows are drawn, so that what is read and what is seen are the same. */
import { useId } from "preact/hooks";
import { html } from "../html.js";
import { money, percent } from "./figures.js";
import { Section } from "./section.js";
import { candidates } from "./shape/headline.js";
import { goalPlace, waterfallRows } from "./shape/waterfall.js";
import { t } from "./texts.js";

export function Waterfall({ report }) {
  const rows = waterfallRows(report);
  const possible = candidates(report).length > 0;
  if (!rows.length || (!report.waterfall.length && !possible)) return null;
  const note = [
    t(report.waterfall.length ? "waterfall.note" : "waterfall.none"),
    possible && t("waterfall.note.candidates"),
  ].filter(Boolean).join(" ");
  return html`<${Section} title=${t("waterfall.heading")} note=${note}>
    <table class="rp-fall" role="table">
      <caption class="rp-hidden">${t("waterfall.heading")}</caption>
      <thead class="rp-hidden" role="rowgroup"><tr role="row">
        ${["waterfall.lever", "waterfall.change", "waterfall.left"].map((key) => html`<th scope="col" role="columnheader">${t(key)}</th>`)}
      </tr></thead>
      <tbody role="rowgroup">${rows.map((one, place) => html`
        <${Row} row=${one} before=${rows[place - 1]} after=${rows[place + 1]} goal=${goalPlace(rows)} />
      `)}</tbody>
    </table>
  <//>`;
}

function Row({ row, before, after, goal }) {
  return html`<tr role="row" class=${`rp-fall-${row.kind}`}>
    <th scope="row" role="rowheader">${titleOf(row)}</th>
    <td role="cell" class="rp-num rp-change">${change(row)}<${Bar} row=${row} before=${before} after=${after} goal=${goal} /></td>
    <td role="cell" class="rp-num">${money(row.left)}</td>
  </tr>`;
}

function titleOf(row) {
  if (row.kind === "goal") return t("waterfall.goal", { percent: percent(row.percent) });
  if (row.kind === "candidate") return html`${row.title} <span class="rp-soft">${t("waterfall.candidate")}</span>`;
  return row.title ?? t(`waterfall.${row.kind}`);
}

function change(row) {
  if (row.change === null) return null;
  return html`<span class="rp-by">${money(row.change)}</span>`;
}

// Bars are stretched to their cell: lines keep their width (non-scaling-stroke), hatching its angle nearly.
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
    ${falls && before && html`<line x1=${edge(before)} x2=${edge(before)} y1="0" y2="6" class="rp-join" />`}
    ${joined && after && ["drop", "end"].includes(after.kind) && html`<line x1=${edge(row)} x2=${edge(row)} y1="26" y2="32" class="rp-join" />`}
    <rect x=${row.from} y="6" width=${row.to - row.from} height="20" class=${`rp-bar-${row.kind}`}
      fill=${row.kind === "candidate" ? `url(#${hatch})` : undefined} />
  </svg></span>`;
}

/** Where the next row begins. */
const edge = (row) => (row.kind === "drop" ? row.from : row.to);
