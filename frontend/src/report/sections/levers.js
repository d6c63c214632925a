/** The levers as a table. Each row opens to its formula, assumptions, evidence, unknowns and details. */
import { useId, useState } from "preact/hooks";
import { formatMoney } from "../../format.js";
import { html } from "../../html.js";
import { Name, Section, Table } from "../elements.js";
import { Basis, Legend, Level } from "../marks.js";
import { Quantity } from "../quantity.js";
import { showHiddenCharacters } from "../selectors/escaping.js";
import { listNeededColumns, selectDetailTable, selectLeverRows } from "../selectors/levers.js";
import { t } from "../texts.js";
import { formatValue } from "../units.js";

const HEAD = ["lever", "saving", "basis", "effort", "risk"];
const LIMITS = { "lower bound": "levers.least", "upper bound": "levers.most" };

export function Levers({ report, runId, onAsk, renderFeedback }) {
  const rows = selectLeverRows(report);
  if (!rows.length) return html`<${Section} title=${t("levers.heading")} note=${t("levers.failed")} />`;
  return html`<${Section} title=${t("levers.heading")} note=${t("levers.note")} runId=${runId} csv="levers">
    <table class="rp-levers" role="table">
      <caption class="rp-hidden">${t("levers.heading")}</caption>
      <thead role="rowgroup"><tr role="row">
        ${HEAD.map((key) => html`<th scope="col" role="columnheader" class=${key === "saving" ? "rp-num" : ""}>${t(`levers.${key}`)}</th>`)}
      </tr></thead>
      <tbody role="rowgroup">${rows.map((row) => html`<${Row} key=${row.name} row=${row} onAsk=${onAsk} renderFeedback=${renderFeedback} />`)}</tbody>
    </table>
    <${Legend} />
  <//>`;
}

function Row({ row, onAsk, renderFeedback }) {
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
    <tr role="row" class="rp-grounds" id=${id} hidden=${!open}><td role="cell" colspan=${HEAD.length}><${LeverDetails} row=${row} onAsk=${onAsk} />${renderFeedback && html`<div class="rp-feedback">${renderFeedback(row.name)}</div>`}</td></tr>
  `;
}

function Saving({ row }) {
  if (row.says === "unknown") return html`<span class="rp-soft">${t("levers.unknown")}</span><${Needs} row=${row} />`;
  if (row.says !== "known") return html`<span class="rp-soft">${t(`levers.${row.says}`, { usd: formatMoney(-(row.saving ?? 0)) })}</span>`;
  const usd = formatMoney(row.saving);
  return html`<strong>${LIMITS[row.bound] ? t(LIMITS[row.bound], { usd }) : usd}</strong>
    <small>${t(row.counted ? "levers.counted" : "levers.counted.not")}</small>`;
}

function Needs({ row }) {
  const columns = listNeededColumns(row);
  return columns.length > 0 && html`<small>${t("levers.needs", { columns: columns.join(", ") })}</small>`;
}

function LeverDetails({ row, onAsk }) {
  const placed = [
    row.after !== null && t("levers.after", { usd: formatMoney(row.after) }),
    row.adds !== null && row.adds > 0 && t("levers.adds", { usd: formatMoney(row.adds) }),
    row.speed && t("lever.speed", { speed: row.speed }),
  ].filter(Boolean);
  return html`<div class="rp-ground">
    ${placed.length > 0 && html`<ul class="rp-placed">${placed.map((text) => html`<li>${text}</li>`)}</ul>`}
    ${row.formula && html`<${DetailGroup} title=${t("lever.formula")}><p class="rp-formula">${row.formula}</p><//>`}
    <div class="rp-pair">
      ${row.evidence.length > 0 && html`<${DetailGroup} title=${t("lever.evidence")}><${Evidence} found=${row.evidence} /><//>`}
      ${row.assumptions.length > 0 && html`<${DetailGroup} title=${t("lever.assumptions")}><${Texts} texts=${row.assumptions} /><//>`}
    </div>
    ${row.unknowns.length > 0 && html`<${DetailGroup} title=${t("lever.unknowns")}><${Texts} texts=${row.unknowns.map(describeGap)} /><//>`}
    ${row.quantities.length > 0 && html`<${DetailGroup} title=${t("lever.quantities")}><ul class="rp-questions">
      ${row.quantities.map((one) => html`<${Quantity} key=${one.scope} quantity=${one} onAsk=${onAsk} />`)}
    </ul><//>`}
    ${row.details.length > 0 && html`<${DetailGroup} title=${t("lever.details")}><${Details} details=${row.details} headings=${row.headings} title=${row.title} /><//>`}
  </div>`;
}

function DetailGroup({ title, children }) {
  return html`<div><h4>${title}</h4>${children}</div>`;
}

// They may contain names from the log, so each has its own text direction.
function Texts({ texts }) {
  return html`<ul>${texts.map((text) => html`<li><bdi dir="auto">${showHiddenCharacters(text)}</bdi></li>`)}</ul>`;
}

const describeGap = ({ what, column }) => (column ? t("lever.gap", { what, column }) : what);

function Evidence({ found }) {
  return html`<dl class="rp-evidence">${found.map(({ label, value, unit }) => html`
    <div><dt><bdi dir="auto">${showHiddenCharacters(label)}</bdi></dt><dd><bdi dir="auto">${showHiddenCharacters(formatValue(value, unit))}</bdi></dd></div>
  `)}</dl>`;
}

function Details({ details, headings, title }) {
  const { columns, rows } = selectDetailTable(details, headings);
  const cells = (row) => columns.map(({ key, unit, name }) => {
    if (typeof row[key] !== "string") return formatValue(row[key], unit);
    return name ? html`<${Name} text=${row[key]} />` : row[key];
  });
  return html`<${Table} caption=${title} head=${columns} rows=${rows.map(cells)} />`;
}
