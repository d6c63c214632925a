import { UserText } from "../components/user-text.js";
import { formatCount, formatNumber } from "../format.js";
import { html } from "../html.js";
import { t } from "../texts.js";

const ROWS = 20;
const DEPTH = 4;
// Decimals are sent as text, with all their digits.
const EXACT = /^-?\d{1,12}\.\d{4,}$/;

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isTable = (value) => Array.isArray(value) && value.length > 0 && value.every(isObject);

/** Any JSON value, readable: lists of objects as a table, objects as names and values, the rest as text. */
export function JsonValue({ value, depth = 0 }) {
  if (value === null || value === undefined) return html`<span class="quiet">${t("value.none")}</span>`;
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "number") return html`<span class="figure">${Number.isInteger(value) ? formatCount(value) : formatNumber(value)}</span>`;
  if (typeof value === "string" && EXACT.test(value)) return html`<span class="figure" title=${value}>${formatNumber(Number(value))}</span>`;
  if (typeof value === "string") return html`<${UserText} className="value-text">${value}<//>`;
  if (depth >= DEPTH) return html`<code class="value-text">${JSON.stringify(value)}</code>`;
  if (isTable(value)) return html`<${Table} rows=${value} depth=${depth} />`;
  if (Array.isArray(value)) return html`<${List} values=${value} depth=${depth} />`;
  return html`<${Fields} value=${value} depth=${depth} />`;
}

function Fields({ value, depth }) {
  const entries = Object.entries(value);
  if (entries.length === 0) return html`<span class="quiet">${t("value.none")}</span>`;
  return html`<dl class="fields">
    ${entries.map(
      ([name, one]) => html`<div key=${name}>
        <dt>${name.replaceAll("_", " ")}</dt>
        <dd><${JsonValue} value=${one} depth=${depth + 1} /></dd>
      </div>`,
    )}
  </dl>`;
}

function List({ values, depth }) {
  if (values.length === 0) return html`<span class="quiet">${t("value.empty")}</span>`;
  const simple = values.every((one) => one === null || typeof one !== "object");
  if (simple) return html`<${UserText} className="value-text">${values.slice(0, 100).join(", ")}<//>`;
  return html`<ol class="value-list">
    ${values.slice(0, ROWS).map((one, index) => html`<li key=${index}><${JsonValue} value=${one} depth=${depth + 1} /></li>`)}
  </ol>`;
}

function Table({ rows, depth }) {
  const columns = [...new Set(rows.slice(0, ROWS).flatMap((row) => Object.keys(row)))];
  return html`<div class="table-scroll" tabindex="0" role="group" aria-label=${t("value.table")}>
    <table>
      <thead><tr>${columns.map((name) => html`<th key=${name} scope="col">${name.replaceAll("_", " ")}</th>`)}</tr></thead>
      <tbody>
        ${rows.slice(0, ROWS).map(
          (row, index) => html`<tr key=${index}>
            ${columns.map((name) => html`<td key=${name} class=${typeof row[name] === "number" ? "figure" : null}>
              <${JsonValue} value=${row[name]} depth=${depth + 2} />
            </td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
    ${rows.length > ROWS && html`<p class="quiet">${t("value.moreRows", { n: rows.length - ROWS })}</p>`}
  </div>`;
}
