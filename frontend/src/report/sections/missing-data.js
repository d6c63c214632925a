/** What the log could not answer, and which columns to add. `fields` of /api/me/ describe the columns. */
import { html } from "../../html.js";
import { Section, Table } from "../elements.js";
import { selectMissingData } from "../selectors/missing-data.js";
import { t } from "../texts.js";

export function MissingData({ report, runId, fields }) {
  const { columns, beyond } = selectMissingData(report);
  if (!columns.length && !beyond.length) return html`<${Section} title=${t("unknown.heading")} note=${t("unknown.none")} />`;
  return html`<${Section} title=${t("unknown.heading")} runId=${runId} csv="missing-data">
    ${columns.length > 0 && html`<${MissingColumns} columns=${columns} fields=${fields} />`}
    ${beyond.map((what) => html`<p class="rp-note">${t("unknown.beyond", { what })}</p>`)}
  <//>`;
}

function MissingColumns({ columns, fields }) {
  const about = new Map(fields.map((field) => [field.name, field.about]));
  const known = columns.some(({ column }) => about.has(column));
  const head = [{ label: t("unknown.add") }, ...(known ? [{ label: t("unknown.contents") }] : []), { label: t("unknown.purpose") }];
  const rows = columns.map(({ column, whats }) => [
    html`<code>${column}</code>`,
    ...(known ? [about.get(column) ?? ""] : []),
    whats.join("; "),
  ]);
  return html`<${Table} caption=${t("unknown.heading")} head=${head} rows=${rows} narrow="texts" />`;
}
