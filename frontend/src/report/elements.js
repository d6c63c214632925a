/** The report's building blocks: a section, a fold, a table that scrolls on its own, and a name from the log. */
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { showHiddenCharacters } from "./selectors/escaping.js";
import { t } from "./texts.js";

const LONGEST_NAME = 60;

/** `csv`: the name of the section's table, which the run `runId` offers for download. */
export function Section({ title, note, csv = null, runId = null, children }) {
  return html`<section class="rp-section">
    <div class="rp-title"><h3>${title}</h3>${csv && runId && html`<${CsvLink} runId=${runId} table=${csv} title=${title} />`}</div>
    ${note && html`<p class="rp-note">${note}</p>`}
    ${children}
  </section>`;
}

export function CsvLink({ runId, table, title }) {
  const href = `/api/runs/${encodeURIComponent(runId)}/report/${table}.csv`;
  return html`<a class="rp-csv" href=${href} download aria-label=${t("export.csv.of", { title })}>${t("export.csv")}</a>`;
}

export function Fold({ title, children, open = false }) {
  return html`<details class="rp-fold" open=${open}><summary>${title}</summary><div class="rp-folded">${children}</div></details>`;
}

/**
 * `head`: [{label, numeric}]; `rows`: arrays of cells. The first cell of a row is its header. `narrow`: on a narrow screen,
 * the header is above the row's "figures" or "texts"; without it, the table scrolls. Roles are explicit for that layout.
 */
export function Table({ caption, head, rows, narrow = null }) {
  const place = useRef(null);
  useScrollStops(() => [place.current], []);
  return html`<div class="rp-scroll" role="group" aria-label=${caption} ref=${place}>
    <table class=${narrow ? `rp-table rp-stacked rp-stacked-${narrow}` : "rp-table"} role="table">
      <caption class="rp-hidden">${caption}</caption>
      <thead role="rowgroup"><tr role="row">${head.map((one) => html`<th scope="col" role="columnheader" class=${one.numeric ? "rp-num" : ""}>${one.label}</th>`)}</tr></thead>
      <tbody role="rowgroup">${rows.map((cells) => html`<tr role="row">${cells.map((cell, place) => html`<${Cell} head=${head[place]} first=${place === 0}>${cell}<//>`)}</tr>`)}</tbody>
    </table>
  </div>`;
}

function Cell({ head, first, children }) {
  const kind = head.numeric ? "rp-num" : "";
  return first ? html`<th scope="row" role="rowheader" class=${kind}>${children}</th>` : html`<td role="cell" class=${kind}>${children}</td>`;
}

/** Makes the elements that `find` returns keyboard stops while they scroll. Runs again when `inputs` change. */
export function useScrollStops(find, inputs) {
  useEffect(() => {
    const boxes = find();
    const sizes = new ResizeObserver(() => boxes.forEach(updateTabStop));
    boxes.forEach((box) => sizes.observe(box));
    return () => sizes.disconnect();
  }, inputs);
}

function updateTabStop(box) {
  if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}

/** A name from the log: always text, in its own direction, shortened if long. `whole`: on one line. */
export function Name({ text, whole = false }) {
  const shown = showHiddenCharacters(text);
  const cut = shown.length > LONGEST_NAME ? `${shown.slice(0, LONGEST_NAME - 1)}…` : shown;
  return html`<bdi dir="auto" class=${whole ? "rp-name rp-whole" : "rp-name"} title=${cut === shown ? undefined : shown.slice(0, 600)}>${cut}</bdi>`;
}
