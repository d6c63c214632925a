/** The report's building blocks: a section with a heading, a fold, a table that scrolls on its own. */
import { useRef } from "preact/hooks";
import { html } from "../html.js";
import { useScrollStops } from "./scrollstop.js";

export function Section({ title, note, children }) {
  return html`<section class="rp-section">
    <h3>${title}</h3>
    ${note && html`<p class="rp-note">${note}</p>`}
    ${children}
  </section>`;
}

export function Fold({ title, children, open = false }) {
  return html`<details class="rp-fold" open=${open}><summary>${title}</summary><div class="rp-folded">${children}</div></details>`;
}

/** `head`: [{label, numeric}]; `rows`: arrays of cells; the first cell of a row is its heading. */
export function Table({ caption, head, rows }) {
  const place = useRef(null);
  useScrollStops(() => [place.current], []);
  return html`<div class="rp-scroll" role="group" aria-label=${caption} ref=${place}>
    <table class="rp-table">
      <caption class="rp-hidden">${caption}</caption>
      <thead><tr>${head.map((one) => html`<th scope="col" class=${one.numeric ? "rp-num" : ""}>${one.label}</th>`)}</tr></thead>
      <tbody>${rows.map((cells) => html`<tr>${cells.map((cell, place) => html`<${Cell} head=${head[place]} first=${place === 0}>${cell}<//>`)}</tr>`)}</tbody>
    </table>
  </div>`;
}

function Cell({ head, first, children }) {
  const kind = head.numeric ? "rp-num" : "";
  return first ? html`<th scope="row" class=${kind}>${children}</th>` : html`<td class=${kind}>${children}</td>`;
}
