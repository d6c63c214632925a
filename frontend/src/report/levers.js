/** The levers as a table; each row opens to what its figure stands on. */
import { useId, useState } from "preact/hooks";
import { html } from "../html.js";
import { money } from "./figures.js";
import { Grounds } from "./grounds.js";
import { Basis, Legend, Level } from "./marks.js";
import { Section } from "./section.js";
import { columnsOf, leverRows } from "./shape/levers.js";
import { t } from "./texts.js";

const HEAD = ["lever", "saving", "basis", "effort", "risk"];
const LIMITS = { "lower bound": "levers.least", "upper bound": "levers.most" };

export function Levers({ report }) {
  const rows = leverRows(report);
  if (!rows.length) return html`<${Section} title=${t("levers.heading")} note=${t("levers.failed")} />`;
  return html`<${Section} title=${t("levers.heading")} note=${t("levers.note")}>
    <table class="rp-levers" role="table">
      <caption class="rp-hidden">${t("levers.heading")}</caption>
      <thead role="rowgroup"><tr role="row">
        ${HEAD.map((key) => html`<th scope="col" role="columnheader" class=${key === "saving" ? "rp-num" : ""}>${t(`levers.${key}`)}</th>`)}
      </tr></thead>
      <tbody role="rowgroup">${rows.map((row) => html`<${Row} key=${row.name} row=${row} />`)}</tbody>
    </table>
    <${Legend} />
  <//>`;
}

function Row({ row }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return html`
    <tr role="row" class="rp-lever">
      <th scope="row" role="rowheader">
        <button type="button" class="rp-opener" aria-expanded=${open} aria-controls=${id} onClick=${() => setOpen(!open)}>
          <svg class="rp-icon rp-arrow" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="M6 3.5L10.5 8 6 12.5" class="rp-stroke rp-bold" /></svg>
          <span>${row.title}</span>
        </button>
      </th>
      <td role="cell" class="rp-num rp-saving"><${Saving} row=${row} /></td>
      <td role="cell" data-label=${t("levers.basis")}><${Basis} basis=${row.says === "unpriced" ? "unknown" : row.basis} /></td>
      <td role="cell" data-label=${t("levers.effort")}><${Level} found=${row.effort} /></td>
      <td role="cell" data-label=${t("levers.risk")}><${Level} found=${row.risk} /></td>
    </tr>
    <tr role="row" class="rp-grounds" id=${id} hidden=${!open}><td role="cell" colspan=${HEAD.length}><${Grounds} row=${row} /></td></tr>
  `;
}

function Saving({ row }) {
  if (row.says === "unknown") return html`<span class="rp-soft">${t("levers.unknown")}</span><${Needs} row=${row} />`;
  if (row.says !== "known") return html`<span class="rp-soft">${t(`levers.${row.says}`, { usd: money(-(row.saving ?? 0)) })}</span>`;
  const usd = money(row.saving);
  return html`<strong>${LIMITS[row.bound] ? t(LIMITS[row.bound], { usd }) : usd}</strong>
    <small>${t(row.counted ? "levers.counted" : "levers.counted.not")}</small>`;
}

function Needs({ row }) {
  const columns = columnsOf(row);
  return columns.length > 0 && html`<small>${t("levers.needs", { columns: columns.join(", ") })}</small>`;
}
