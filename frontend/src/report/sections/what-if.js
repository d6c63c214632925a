/** What the log would cost with the model that the user asked about, and what a log cannot show of it. */
import { formatCount, formatMoney } from "../../format.js";
import { html } from "../../html.js";
import { Name, Section, Table } from "../elements.js";
import { t } from "../texts.js";

export function WhatIf({ report, runId }) {
  const found = report.what_if;
  if (!found) return null;
  const title = t("whatIf.heading", { model: found.target });
  if (!found.lines.length) return html`<${Section} title=${title} note=${t("whatIf.none")} />`;
  const head = [
    { label: t("whatIf.model") },
    ...["rows", "leftOut", "now", "then"].map((key) => ({ label: t(`whatIf.${key}`), numeric: true })),
    { label: t("whatIf.latency") },
  ];
  const rows = found.lines.map((line) => [
    html`<${Name} text=${line.model} />`,
    formatCount(line.rows),
    formatCount(line.left_out),
    formatMoney(line.now),
    formatRange(line.then_least, line.then_most),
    line.latency,
  ]);
  return html`<${Section} title=${title} note=${describeTotal(found)} csv="what-if" runId=${runId}>
    <${Table} caption=${title} head=${head} rows=${rows} />
    <ul class="rp-note">${[...found.assumptions, ...found.unknowns.map(({ what }) => t("whatIf.unknown", { what }))].map((words) => html`<li>${words}</li>`)}</ul>
  <//>`;
}

function describeTotal(found) {
  const words = { now: formatMoney(found.now), then: formatRange(found.then_least, found.then_most) };
  return found.saving < 0
    ? t("whatIf.more", { ...words, more: formatMoney(-found.saving) })
    : t("whatIf.less", { ...words, saving: formatMoney(found.saving) });
}

function formatRange(least, most) {
  return least === most ? formatMoney(most) : t("whatIf.range", { least: formatMoney(least), most: formatMoney(most) });
}
