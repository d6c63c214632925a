import { useState } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { Dialog } from "../parts/dialog.js";
import { me } from "../state/me.js";
import { takeOne } from "../state/store.js";
import { t } from "../texts.js";
import { MappingRow } from "./mapping-row.js";

/** Corrects which column of the file holds which field, or which format it has, and reads the log again. */
export function MappingDialog({ log, onClose }) {
  const before = log.source?.mapping ?? {};
  const [format, setFormat] = useState(log.source?.format ?? "");
  const [mapping, setMapping] = useState(before);
  const [trouble, setTrouble] = useState(null);
  const [busy, setBusy] = useState(false);
  const columns = log.preview?.columns ?? [...new Set(Object.values(before))].map((name) => ({ name, examples: [] }));
  const read = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      takeOne("workloads", await api.post(`workloads/${log.id}/read/`, asked(before, mapping, format, log.source?.format ?? "")));
      onClose();
    } catch (error) {
      setTrouble(error);
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
              problem=${trouble?.fields?.[field.name]} onChange=${(column) => setMapping({ ...mapping, [field.name]: column })} />`,
          )}
        </ul>
      </div>
      ${trouble && html`<p class="message bad" role="alert">${trouble.message}</p>`}
      <div class="dialog-actions">
        <button type="button" class="button" onClick=${onClose}>${t("cancel")}</button>
        <button class="button primary" disabled=${busy}>${t(busy ? "working" : "mapping.apply")}</button>
      </div>
    </form>
  <//>`;
}

/** Only what the reader changed is sent: the rest is found again. A field that is not to be read is "". */
function asked(before, mapping, format, formatBefore) {
  const changed = Object.entries(mapping).filter(([field, column]) => column !== (before[field] ?? ""));
  return { ...(format !== formatBefore && format !== "" && { format }), mapping: Object.fromEntries(changed) };
}
