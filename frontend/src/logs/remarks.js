import { count } from "../format.js";
import { html } from "../html.js";
import { UserText } from "../parts/user-text.js";
import { t } from "../texts.js";
import { rejectedRows } from "./facts.js";

/** What a reader must know about the reading: notes, and the rows that were left out. */
export function Remarks({ source }) {
  const rejected = rejectedRows(source);
  return html`
    ${source.notes.length > 0 &&
    html`<details class="fold" open>
      <summary>${t("remarks.notes", { n: source.notes.length })}</summary>
      <ul class="notes">${source.notes.map((note) => html`<li key=${note}><${UserText}>${note}<//></li>`)}</ul>
    </details>`}
    ${rejected > 0 &&
    html`<details class="fold">
      <summary>${t("remarks.rejected", { n: rejected })}</summary>
      <ul class="notes">
        ${source.rejected.map(
          (one) => html`<li key=${one.why}>
            <${UserText}>${one.why}<//>: <span class="figure">${count(one.rows)}</span>
            ${(one.examples ?? []).length > 0 && html`<code class="example"><${UserText}>${one.examples.map(String).join(", ")}<//></code>`}
          </li>`,
        )}
      </ul>
    </details>`}
  `;
}
