import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { UserText } from "../components/user-text.js";
import { html } from "../html.js";
import { confirmReading } from "../state/choices.js";
import { readAgain } from "../state/log-changes.js";
import { me } from "../state/me.js";
import { t } from "../texts.js";
import { formatFieldName } from "./columns.js";

const EXAMPLES = 3;

/** Changes which column holds which field, or the file's format, and reads the log again. */
export function MappingDialog({ log, onClose }) {
  const before = log.source?.mapping ?? {};
  const [format, setFormat] = useState(log.source?.format ?? "");
  const [mapping, setMapping] = useState(before);
  const [failure, setFailure] = useState(null);
  const [busy, setBusy] = useState(false);
  const columns = log.preview?.columns ?? [...new Set(Object.values(before))].map((name) => ({ name, examples: [] }));
  const read = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      confirmReading(log.id); // the user has just seen the mapping: it is not asked about again
      await readAgain(log.id, collectChanges(before, mapping, format, log.source?.format ?? ""));
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t("mapping.title")} onClose=${onClose}>
    <form onSubmit=${read}>
      <div class="dialog-body">
        <p class="quiet">${t("mapping.lead")}</p>
        <label class="field"><span>${t("mapping.format")}</span>
          <select value=${format} onChange=${(event) => setFormat(event.currentTarget.value)}>
            <option value="">${t("mapping.detect")}</option>
            ${me.value.formats.map(({ name, title }) => html`<option key=${name} value=${name}>${title}</option>`)}
          </select>
        </label>
        <ul class="mapping-rows">
          ${me.value.fields.map(
            (field) => html`<${MappingRow} key=${field.name} field=${field} columns=${columns} column=${mapping[field.name] ?? ""}
              problem=${failure?.fields?.[field.name]} onChange=${(column) => setMapping({ ...mapping, [field.name]: column })} />`,
          )}
        </ul>
      </div>
      ${failure && html`<p class="message bad" role="alert">${failure.message}</p>`}
      <div class="dialog-actions">
        <button type="button" class="button" onClick=${onClose}>${t("cancel")}</button>
        <button class="button primary" disabled=${busy}>${t(busy ? "working" : "mapping.apply")}</button>
      </div>
    </form>
  <//>`;
}

/** Only changes are sent; the server matches the rest again. A field that is not to be read is "". */
function collectChanges(before, mapping, format, formatBefore) {
  const changed = Object.entries(mapping).filter(([field, column]) => column !== (before[field] ?? ""));
  return { ...(format !== formatBefore && format !== "" && { format }), mapping: Object.fromEntries(changed) };
}

/** A field, its column, and a few of that column's values. */
function MappingRow({ field, columns, column, problem, onChange }) {
  const examples = columns.find((one) => one.name === column)?.examples.slice(0, EXAMPLES) ?? [];
  return html`<li class="mapping-row">
    <label class="field">
      <span>${formatFieldName(field.name)}</span>
      <select value=${column} onChange=${(event) => onChange(event.currentTarget.value)} aria-invalid=${problem ? "true" : null}>
        <option value="">${t("mapping.none")}</option>
        ${columns.map((one) => html`<option key=${one.name} value=${one.name}>${one.name}</option>`)}
      </select>
    </label>
    <p class="quiet">${field.about}${examples.length > 0 && html`<br /><code><${UserText}>${examples.join(" · ")}<//></code>`}</p>
    ${problem && html`<p class="bad-text">${problem.join(" ")}</p>`}
  </li>`;
}
