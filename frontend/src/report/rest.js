/** What the figures were made from: prices, notes, rows that could not be read, the log in figures. */
import { html } from "../html.js";
import { count } from "./figures.js";
import { LogFigures } from "./logfigures.js";
import { Prices } from "./prices.js";
import { Fold, Table } from "./section.js";
import { visible } from "./shape/visible.js";
import { t } from "./texts.js";

export function Rest({ report }) {
  const rejected = report.source.rejected;
  const lost = rejected.reduce((sum, one) => sum + one.rows, 0);
  const notes = report.notes.length;
  return html`<div class="rp-rest">
    <${Fold} title=${t("appendix.prices")}><${Prices} report=${report} /><//>
    <${Fold} title=${t("appendix.figures")}><${LogFigures} report=${report} /><//>
    ${lost > 0 && html`<${Fold} title=${t("appendix.rejected", { n: lost, count: count(lost) })}><${Rejected} rejected=${rejected} /><//>`}
    ${notes > 0 && html`<${Fold} title=${t("appendix.notes", { n: notes, count: count(notes) })}>
      <ul>${report.notes.map((note) => html`<li><bdi dir="auto">${visible(note)}</bdi></li>`)}</ul>
    <//>`}
  </div>`;
}

function Rejected({ rejected }) {
  const head = [{ label: t("appendix.why") }, { label: t("appendix.rows"), numeric: true }, { label: t("appendix.examples") }];
  const rows = rejected.map(({ why, rows: n, examples }) => [
    html`<bdi dir="auto">${visible(why)}</bdi>`,
    count(n),
    examples.map((one) => count(one)).join(", "),
  ]);
  return html`<${Table} caption=${t("appendix.why")} head=${head} rows=${rows} />`;
}
