/** A table of an answer: under its chart it is folded, unless it says more. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatCount } from "../format.js";
import { html } from "../html.js";
import { Name, Table } from "../report/elements.js";
import { t } from "../texts.js";
import { hasMoreThan } from "./selectors/chart.js";
import { nameFile, toCsv } from "./selectors/csv.js";
import { formatColumn, isFigure, isWhole } from "./selectors/values.js";

const FIRST_ROWS = 10;

export function AnswerTable({ table, chart }) {
  const folded = chart !== null && !hasMoreThan(table, chart);
  return html`<details class="rp-fold an-fold" open=${!folded}>
    <summary><span>${table.title}</span> <span class="an-count">${t("count.rows", { n: table.rows.length })}</span></summary>
    <${Rows} table=${table} />
    <button type="button" class="button ghost small an-csv" onClick=${() => download(table)} aria-label=${t("answer.csvOf", { title: table.title })}>${t("answer.csv")}</button>
  </details>`;
}

function Rows({ table }) {
  const [all, setAll] = useState(false);
  const place = useRef(null);
  // The button is gone then, and with it the keyboard focus.
  useLayoutEffect(() => void (all && place.current.focus({ preventScroll: true })), [all]);
  const rows = all ? table.rows : table.rows.slice(0, FIRST_ROWS);
  const columns = table.columns.map((column, place) => formatColumn(rows.map((row) => row[place]), column.unit));
  const head = table.columns.map((column) => ({ label: column.name, numeric: isFigure(column) }));
  const cells = rows.map((_, row) => columns.map((texts, place) => html`<${Cell} text=${texts[row]} value=${rows[row][place]} column=${table.columns[place]} columns=${table.columns.length} />`));
  return html`<div class="an-rows" tabindex="-1" ref=${place}><${Table} caption=${table.title} head=${head} rows=${cells} /></div>
    ${table.rows.length > rows.length && html`<button type="button" class="button ghost small" onClick=${() => setAll(true)}>
      ${t("answer.allRows", { n: table.rows.length, count: formatCount(table.rows.length) })}
    </button>`}`;
}

function Cell({ text, value, column, columns }) {
  if (text === null) return html`<span class="rp-soft">${t(isFigure(column) ? "answer.unknown" : "answer.none")}</span>`;
  return isFigure(column) ? text : html`<${Name} text=${text} whole=${isWhole(value, text, columns)} />`;
}

function download(table) {
  const href = URL.createObjectURL(new Blob([toCsv(table)], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href, download: nameFile(table.title) });
  link.click();
  URL.revokeObjectURL(href);
}
