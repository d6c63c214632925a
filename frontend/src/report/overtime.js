/** Spend over time: a bar chart to look at, its figures in a table to read. */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { Chart } from "./chart.js";
import { bucket, count, money, requests } from "./figures.js";
import { Fold, Section, Table } from "./section.js";
import { series } from "./shape/series.js";
import { t } from "./texts.js";

export function OverTime({ report }) {
  const found = series(report);
  if (!found) return html`<${Timeless} report=${report} />`;
  const note = [
    t(`time.${found.relative ? "relative" : "note"}.${found.period}`),
    !found.priced ? t("time.unpriced") : found.partly && t("time.partly"),
  ].filter(Boolean).join(" ");
  return html`<${Section} title=${t(found.priced ? "time.heading" : "time.heading.requests")} note=${note}><${Drawn} found=${found} /><//>`;
}

// Nothing to say where the whole spend is missing: the top of the report says so.
function Timeless({ report }) {
  return report.spend && html`<${Section} title=${t("time.heading")} note=${t("time.none")} />`;
}

function Drawn({ found }) {
  const [place, setPlace] = useState(null);
  const values = found.priced ? found.cost : found.requests;
  return html`<div>
    <p class="rp-read" aria-hidden="true">${place === null ? t("time.hint") : said(found, place)}</p>
    <${Chart} found=${found} values=${values} money=${found.priced} onPoint=${setPlace}
      label=${t(found.priced ? "time.chart.cost" : "time.chart.requests")} />
    <${Fold} title=${t("time.table")}><${Figures} found=${found} /><//>
  </div>`;
}

function said(found, place) {
  const when = bucket(found.at[place], found.period, found.relative);
  const n = requests(found.requests[place]);
  return found.priced
    ? t("time.read", { when, usd: money(found.cost[place]), requests: n })
    : t("time.read.unpriced", { when, requests: n });
}

function Figures({ found }) {
  const head = [{ label: t("time.start") }, { label: t("time.requests"), numeric: true }];
  if (found.priced) head.push({ label: t("time.cost"), numeric: true });
  const rows = found.at.map((at, place) => [
    bucket(at, found.period, found.relative),
    count(found.requests[place]),
    ...(found.priced ? [money(found.cost[place])] : []),
  ]);
  return html`<${Table} caption=${t("time.heading")} head=${head} rows=${rows} />`;
}
