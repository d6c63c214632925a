/** The log against its invoice: logged, billed, what is left and where it comes from. */
import { formatMoney } from "../../format.js";
import { html } from "../../html.js";
import { CsvLink, Fold, Name, Section, Table } from "../elements.js";
import { selectInvoice } from "../selectors/checks.js";
import { showHiddenCharacters } from "../selectors/escaping.js";
import { t } from "../texts.js";

export function Invoice({ report, runId }) {
  const found = selectInvoice(report);
  if (found === null) return null;
  return html`<${Section} title=${t("invoice.heading")} note=${describeTotals(found)} csv="invoice-causes" runId=${runId}>
    ${(found.causes.length > 0 || found.unexplained !== null && found.unexplained !== 0) && html`<ul>
      ${found.causes.map((cause) => html`<li key=${cause.name + cause.what}><strong>${formatMoney(cause.amount)}</strong> ${showHiddenCharacters(cause.what)}</li>`)}
      ${found.unexplained !== 0 && html`<li><strong>${formatMoney(found.unexplained)}</strong> ${t("invoice.unexplained")}</li>`}
    </ul>`}
    ${found.notes.map((note) => html`<p key=${note} class="rp-note">${showHiddenCharacters(note)}</p>`)}
    ${found.tables.map((table) => html`<${Fold} key=${table.name} title=${t(`invoice.${table.name}`)}>
      ${runId && html`<${CsvLink} runId=${runId} table=${CSV_TABLES[table.name]} title=${t(`invoice.${table.name}`)} />`}<${Parts} table=${table} />
    <//>`)}
  <//>`;
}

const CSV_TABLES = { by_day: "invoice-by-day", by_model: "invoice-by-model", by_kind: "invoice-by-kind" };

function describeTotals({ billed, logged, residual, currency }) {
  if (residual === null) return t("invoice.currency", { billed: formatMoney(billed, currency), logged: formatMoney(logged) });
  return t("invoice.totals", { billed: formatMoney(billed), logged: formatMoney(logged), residual: formatMoney(residual) });
}

function Parts({ table }) {
  const head = [
    { label: t(`invoice.${table.name}`) },
    ...["logged", "billed", "residual"].map((name) => ({ label: t(`invoice.${name}`), numeric: true })),
  ];
  const rows = table.rows.map((part) => [
    html`<${Name} text=${part.name ?? ""} />`,
    ...[part.logged, part.billed, part.residual].map((usd) => formatMoney(usd)),
  ]);
  return html`<${Table} caption=${t(`invoice.${table.name}`)} head=${head} rows=${rows} />`;
}
