import { html } from "../html.js";
import { UserText } from "../parts/user-text.js";
import { t } from "../texts.js";
import { fieldName } from "./columns.js";

const EXAMPLES = 3;

/** A field of ours, the column that holds it, and a few of that column's values. */
export function MappingRow({ field, columns, column, problem, onChange }) {
  const examples = columns.find((one) => one.name === column)?.examples.slice(0, EXAMPLES) ?? [];
  return html`<li class="mapping-row">
    <label class="field">
      <span>${fieldName(field.name)}</span>
      <select value=${column} onChange=${(event) => onChange(event.currentTarget.value)} aria-invalid=${problem ? "true" : null}>
        <option value="">${t("mapping.none")}</option>
        ${columns.map((one) => html`<option key=${one.name} value=${one.name}>${one.name}</option>`)}
      </select>
    </label>
    <p class="quiet">${field.about}${examples.length > 0 && html`<br /><code><${UserText}>${examples.join(" · ")}<//></code>`}</p>
    ${problem && html`<p class="bad-text">${problem.join(" ")}</p>`}
  </li>`;
}
