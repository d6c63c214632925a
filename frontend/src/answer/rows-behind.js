/** The requests behind a figure: the user's own rows, without prompts, fetched a page at a time. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { Name, Table } from "../report/elements.js";
import { t } from "../texts.js";
import { formatColumn, isFigure, isWhole } from "./selectors/values.js";

const PAGE_ROWS = 50;

/** `query`: the typed query of the answer whose requests are listed, those that cost most first. */
export function BehindFigure({ workloadId, query }) {
  const [found, setFound] = useState({ rows: [], columns: [], next: null, state: "closed" });
  const place = useRef(null);
  useLayoutEffect(() => {
    // With the last rows the button is gone, and with it the keyboard focus.
    if (found.state === "here" && document.activeElement === document.body) place.current.focus({ preventScroll: true });
  }, [found]);
  const load = async () => {
    if (found.state === "loading") return;
    setFound({ ...found, state: "loading" });
    try {
      const page = await api.post(`workloads/${encodeURIComponent(workloadId)}/query/rows/`, { query, limit: PAGE_ROWS, offset: found.next ?? 0 });
      setFound({ columns: page.columns, rows: [...found.rows, ...page.rows], next: page.next, state: "here" });
    } catch (error) {
      setFound({ ...found, state: "failed", why: error.message });
    }
  };
  const more = found.state !== "here" || found.next;
  return html`<div class="an-behind" tabindex="-1" ref=${place}>
    ${found.columns.length > 0 && html`<${Rows} columns=${found.columns} rows=${found.rows} />`}
    ${found.state === "here" && found.rows.length === 0 && html`<p class="rp-note">${t("answer.rows.none")}</p>`}
    ${found.state === "failed" && html`<p class="rp-note" role="alert">${found.why}</p>`}
    ${more && html`<button type="button" class="button small" aria-disabled=${found.state === "loading"} onClick=${() => void load()}>
      ${t(found.state === "loading" ? "answer.rows.loading" : found.rows.length === 0 ? "answer.rows" : "answer.rows.more")}
    </button>`}
  </div>`;
}

function Rows({ columns, rows }) {
  const texts = columns.map((column, place) => formatColumn(rows.map((row) => row[place]), column.unit));
  const head = columns.map((column) => ({ label: column.title, numeric: isFigure(column) }));
  const renderCell = (row, place) => {
    const text = texts[place][row];
    if (text === null) return html`<span class="rp-soft">–</span>`;
    return isFigure(columns[place]) ? text : html`<${Name} text=${text} whole=${isWhole(rows[row][place], text, columns.length)} />`;
  };
  const cells = rows.map((_, row) => columns.map((_, place) => renderCell(row, place)));
  return html`<${Table} caption=${t("answer.rows.caption")} head=${head} rows=${cells} />`;
}
