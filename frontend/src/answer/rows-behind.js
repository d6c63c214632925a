/** The requests behind a figure: the user's own rows, without prompts, fetched a page at a time. */
import { useState } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { Name, Table } from "../report/elements.js";
import { t } from "../texts.js";
import { formatColumn, isFigure } from "./selectors/values.js";

/** `figure`, `table`: which figure or table of the answer, by its index. */
export function BehindFigure({ runId, figure, table }) {
  const [found, setFound] = useState({ rows: [], columns: [], next: null, state: "closed" });
  const load = async () => {
    setFound({ ...found, state: "loading" });
    try {
      const page = await api.get(getPath(runId, { figure, table, after: found.next }));
      setFound({ columns: page.columns, rows: [...found.rows, ...page.rows], next: page.next, state: "here" });
    } catch (error) {
      setFound({ ...found, state: "failed", why: error.message });
    }
  };
  const more = found.state !== "here" || found.next;
  return html`
    ${found.columns.length > 0 && html`<${Rows} columns=${found.columns} rows=${found.rows} />`}
    ${found.state === "here" && found.rows.length === 0 && html`<p class="rp-note">${t("answer.rows.none")}</p>`}
    ${found.state === "failed" && html`<p class="rp-note" role="alert">${found.why}</p>`}
    ${more && html`<button type="button" class="button small" disabled=${found.state === "loading"} onClick=${() => void load()}>
      ${t(found.state === "loading" ? "answer.rows.loading" : found.rows.length === 0 ? "answer.rows" : "answer.rows.more")}
    </button>`}`;
}

function getPath(runId, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null);
  return `runs/${encodeURIComponent(runId)}/answer/rows/?${new URLSearchParams(given)}`;
}

function Rows({ columns, rows }) {
  const texts = columns.map((column, place) => formatColumn(rows.map((row) => row[place]), column.unit));
  const head = columns.map((column) => ({ label: column.name, numeric: isFigure(column) }));
  const cells = rows.map((_, row) => texts.map((column, place) => (column[row] === null ? html`<span class="rp-soft">–</span>` : isFigure(columns[place]) ? column[row] : html`<${Name} text=${column[row]} />`)));
  return html`<${Table} caption=${t("answer.rows.caption")} head=${head} rows=${cells} />`;
}
