/** Draws an answer's chart: bars with their values, columns or lines over time, or shares of a whole. The table behind it has all figures. */
import { formatAlignedShare } from "../format.js";
import { html } from "../html.js";
import { t } from "../texts.js";
import { Bars } from "./bars.js";
import { Plot } from "./plot.js";
import { selectShares } from "./selectors/chart.js";

export function Chart({ chart }) {
  const label = t(`answer.chart.${chart.type}`, { title: chart.title });
  return html`<figure class="an-chart">
    ${chart.series.length > 1 && html`<${Legend} chart=${chart} />`}
    <div role="img" aria-label=${label}><${DRAWINGS[chart.type] ?? Bars} chart=${chart} /></div>
    ${chart.more > 0 && html`<figcaption class="rp-note">${t("answer.chart.more", { n: chart.more })}</figcaption>`}
  </figure>`;
}

/** By the server's ChartType; tests/frontend/test_chart_types.py compares them. */
const DRAWINGS = {
  bars: BarsOrColumns,
  lines: Plot,
  shares: Shares,
};

function BarsOrColumns({ chart }) {
  return chart.timeline ? html`<${Plot} chart=${chart} />` : html`<${Bars} chart=${chart} />`;
}

function Shares({ chart }) {
  const shares = selectShares(chart);
  if (shares === null) return html`<${Bars} chart=${chart} />`;
  const texts = chart.series[0].texts.map((text, place) => (chart.unit === "share" ? text : `${formatAlignedShare(shares[place])} · ${text}`));
  return html`<${Bars} chart=${{ ...chart, series: [{ ...chart.series[0], values: shares, texts }] }} whole=${1} />`;
}

function Legend({ chart }) {
  const lines = chart.type === "lines";
  return html`<ul class="an-legend">
    ${chart.series.map(({ name }, place) => html`<li key=${name}>
      <svg viewBox="0 0 24 12" width="24" height="12" aria-hidden="true" class=${`an-series-${place}`}>
        ${lines ? html`<path d="M0 6H24" class="an-line" />` : html`<rect y="1" width="24" height="10" class="an-bar" />`}
      </svg>
      <bdi dir="auto">${name}</bdi>
    </li>`)}
  </ul>`;
}
