/** What a lever's figure stands on: formula, assumptions, evidence, what is unknown, and its rows. */
import { html } from "../html.js";
import { money, valued } from "./figures.js";
import { Name } from "./name.js";
import { Table } from "./section.js";
import { detailTable } from "./shape/details.js";
import { visible } from "./shape/visible.js";
import { t } from "./texts.js";

export function Grounds({ row }) {
  const placed = [
    row.after !== null && t("levers.after", { usd: money(row.after) }),
    row.adds !== null && row.adds > 0 && t("levers.adds", { usd: money(row.adds) }),
    row.speed && t("lever.speed", { speed: row.speed }),
  ].filter(Boolean);
  return html`<div class="rp-ground">
    ${placed.length > 0 && html`<ul class="rp-placed">${placed.map((text) => html`<li>${text}</li>`)}</ul>`}
    ${row.formula && html`<${Ground} title=${t("lever.formula")}><p class="rp-formula">${row.formula}</p><//>`}
    <div class="rp-pair">
      ${row.evidence.length > 0 && html`<${Ground} title=${t("lever.evidence")}><${Evidence} found=${row.evidence} /><//>`}
      ${row.assumptions.length > 0 && html`<${Ground} title=${t("lever.assumptions")}><${Texts} texts=${row.assumptions} /><//>`}
    </div>
    ${row.unknowns.length > 0 && html`<${Ground} title=${t("lever.unknowns")}><${Texts} texts=${row.unknowns.map(gap)} /><//>`}
    ${row.details.length > 0 && html`<${Ground} title=${t("lever.details")}><${Details} details=${row.details} headings=${row.headings} title=${row.title} /><//>`}
  </div>`;
}

function Ground({ title, children }) {
  return html`<div><h4>${title}</h4>${children}</div>`;
}

// They may hold names from the log: text in its own direction.
function Texts({ texts }) {
  return html`<ul>${texts.map((text) => html`<li><bdi dir="auto">${visible(text)}</bdi></li>`)}</ul>`;
}

const gap = ({ what, column }) => (column ? t("lever.gap", { what, column }) : what);

function Evidence({ found }) {
  return html`<dl class="rp-evidence">${found.map(({ label, value, unit }) => html`
    <div><dt><bdi dir="auto">${visible(label)}</bdi></dt><dd><bdi dir="auto">${visible(valued(value, unit))}</bdi></dd></div>
  `)}</dl>`;
}

function Details({ details, headings, title }) {
  const { columns, rows } = detailTable(details, headings);
  const cells = (row) => columns.map(({ key, unit, name }) => {
    if (typeof row[key] !== "string") return valued(row[key], unit);
    return name ? html`<${Name} text=${row[key]} />` : row[key];
  });
  return html`<${Table} caption=${title} head=${columns} rows=${rows.map(cells)} />`;
}
