/** Where the spend goes: by model, by feature, by token type. */
import { formatAlignedShare, formatCount, formatMoney } from "../../format.js";
import { html } from "../../html.js";
import { CsvLink, Name, Section } from "../elements.js";
import { isPriced } from "../selectors/headline.js";
import { selectByBucket, selectByFeature, selectByModel } from "../selectors/spend-breakdown.js";
import { t } from "../texts.js";
import { formatRequests, formatTokens } from "../units.js";

export function SpendBreakdown({ report, runId }) {
  if (!report.spend) return null;
  const groups = [["model", selectByModel(report)], ["feature", selectByFeature(report)], ["bucket", selectByBucket(report)]];
  const [title, note] = isPriced(report) ? [t("breakdown.heading"), null] : [t("breakdown.heading.tokens"), t("breakdown.by.tokens")];
  return html`<${Section} title=${title} note=${note}>
    <div class="rp-groups">
      ${groups.map(([kind, rows]) => rows.length > 0 && html`<${Group} kind=${kind} title=${t(`breakdown.${kind}`)} rows=${rows} report=${report} runId=${runId} />`)}
    </div>
    ${!report.spend.by_feature.length && html`<p class="rp-note">${t("breakdown.no.feature")}</p>`}
  <//>`;
}

const TABLES = { model: "spend-by-model", feature: "spend-by-feature", bucket: "spend-by-token-type" };

function Group({ kind, title, rows, report, runId }) {
  const widest = Math.max(...rows.map((row) => row.share ?? 0));
  return html`<div class=${`rp-group rp-group-${kind}`}>
    <div class="rp-title"><h4>${title}</h4>${runId && html`<${CsvLink} runId=${runId} table=${TABLES[kind]} title=${title} />`}</div>
    <table class="rp-parts" role="table">
      <caption class="rp-hidden">${title}</caption>
      <thead class="rp-hidden" role="rowgroup"><tr role="row">
        ${["breakdown.name", "breakdown.cost", "breakdown.share"].map((key) => html`<th scope="col" role="columnheader">${t(key)}</th>`)}
      </tr></thead>
      <tbody role="rowgroup">${rows.map((row) => html`<${Row} row=${row} widest=${widest} report=${report} />`)}</tbody>
    </table>
  </div>`;
}

function Row({ row, widest, report }) {
  const length = widest && row.share ? Math.max((row.share / widest) * 100, 0.6) : 0;
  return html`<tr role="row">
    <th scope="row" role="rowheader"><${Label} row=${row} report=${report} />
      <svg class="rp-share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect width="100" height="8" class="rp-track" /><rect width=${length} height="8" class="rp-fill" />
      </svg>
    </th>
    <td role="cell" class="rp-num" title=${formatTooltip(row)}>${formatFigure(row, report)}</td>
    <td role="cell" class="rp-num rp-soft">${row.share === null ? "" : formatAlignedShare(row.share)}</td>
  </tr>`;
}

function formatFigure(row, report) {
  if (row.cost !== null) return formatMoney(row.cost);
  return isPriced(report) ? t("breakdown.unpriced") : formatTokens(row.tokens);
}

function formatTooltip(row) {
  if (row.tokens === null) return row.requests === null ? "" : formatRequests(row.requests);
  const tokens = formatTokens(row.tokens);
  return row.requests === null ? tokens : `${formatRequests(row.requests)}, ${tokens}`;
}

function Label({ row, report }) {
  if (row.kind === "bucket") return html`<span>${t(`bucket.${row.name}`)}</span>`;
  if (row.kind === "rest") return html`<span class="rp-soft">${t("breakdown.rest", { n: row.many, count: formatCount(row.many) })}</span>`;
  if (row.kind === "others") return html`<span class="rp-soft">${t("breakdown.others")}</span>`;
  if (row.kind === "name") return html`<${Name} text=${row.name} />`;
  const assumed = report.assumptions.assume_model;
  return html`<span class="rp-soft">${t("breakdown.nameless")}${assumed && html` (<${Name} text=${assumed} />)`}</span>`;
}
