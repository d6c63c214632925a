/** Spend over time: a bar chart, and its figures in a table. */
import { useState } from "preact/hooks";
import { formatBucketStart, formatMoney } from "../../format.js";
import { html } from "../../html.js";
import { Fold, Section, Table } from "../elements.js";
import { selectSeries } from "../selectors/spend-over-time.js";
import { t } from "../texts.js";
import { formatRequestCount, formatRequests } from "../units.js";
import { BarChart } from "./bar-chart.js";

const canHover = matchMedia("(hover: hover)");

export function SpendOverTime({ report, runId }) {
  const found = selectSeries(report);
  if (!found) return html`<${NoTimes} report=${report} />`;
  const note = [
    t(`time.${found.relative ? "relative" : "note"}.${found.period}`),
    !found.priced ? t("time.unpriced") : found.partly && t("time.partly"),
  ].filter(Boolean).join(" ");
  return html`<${Section} title=${t(found.priced ? "time.heading" : "time.heading.requests")} note=${note} runId=${runId} csv="spend-over-time"><${SeriesChart} found=${found} /><//>`;
}

// If the whole spend is missing, the headline already says so.
function NoTimes({ report }) {
  return report.spend && html`<${Section} title=${t("time.heading")} note=${t("time.none")} />`;
}

function SeriesChart({ found }) {
  const [place, setPlace] = useState(null);
  const values = found.priced ? found.cost : found.requests;
  return html`<div>
    <p class="rp-read" aria-hidden="true">${place === null ? t(canHover.matches ? "time.hint" : "time.tap") : formatReadout(found, place)}</p>
    <${BarChart} found=${found} values=${values} money=${found.priced} onPoint=${setPlace}
      label=${t(found.priced ? "time.chart.cost" : "time.chart.requests")} />
    <${Fold} title=${t("time.table")}><${SeriesTable} found=${found} /><//>
  </div>`;
}

function formatReadout(found, place) {
  const when = formatBucketStart(found.at[place], found.period, found.relative);
  const n = formatRequests(found.requests[place]);
  return found.priced
    ? t("time.read", { when, usd: formatMoney(found.cost[place]), requests: n })
    : t("time.read.unpriced", { when, requests: n });
}

function SeriesTable({ found }) {
  const head = [{ label: t("time.start") }, { label: t("time.requests"), numeric: true }];
  if (found.priced) head.push({ label: t("time.cost"), numeric: true });
  const rows = found.at.map((at, place) => [
    formatBucketStart(at, found.period, found.relative),
    formatRequestCount(found.requests[place]),
    ...(found.priced ? [formatMoney(found.cost[place])] : []),
  ]);
  return html`<${Table} caption=${t("time.heading")} head=${head} rows=${rows} />`;
}
