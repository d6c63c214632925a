/** The log in figures: tokens, latency, peak, failures, and what a prompt cache could have served. */
import { html } from "../html.js";
import { count, milliseconds, number, requests, share, span } from "./figures.js";
import { Table } from "./section.js";
import { t } from "./texts.js";

export function LogFigures({ report }) {
  const { tokens, percentiles: spread } = report;
  const rows = [
    [t("figure.input"), count(tokens.input)],
    [t("figure.output"), count(tokens.output)],
    [t("figure.each.input"), percentiles(spread.input_tokens, count)],
    [t("figure.each.output"), percentiles(spread.output_tokens, count)],
    [t("figure.latency"), percentiles(spread.latency_ms, milliseconds)],
    [t("figure.first"), percentiles(spread.first_token_ms, milliseconds)],
    [t("figure.peak"), peak(report.peak)],
    [t("figure.errors"), report.error_rate === null ? t("figure.unknown") : share(report.error_rate)],
  ];
  const head = [{ label: t("appendix.figure") }, { label: t("appendix.value") }];
  return html`<div class="rp-ground">
    <${Table} caption=${t("appendix.figures")} head=${head} rows=${rows} />
    ${report.prefix_cache?.rates.length > 0 && html`<${Prefixes} cache=${report.prefix_cache} />`}
  </div>`;
}

function percentiles(found, shown) {
  if (!found) return t("figure.unknown");
  return t("figure.percentiles", { p50: shown(found.p50), p95: shown(found.p95), p99: shown(found.p99) });
}

function peak(found) {
  if (!found) return t("figure.unknown");
  return t("figure.peak.value", { requests: requests(found.requests), times: number(Math.round(found.to_mean * 10) / 10) });
}

function Prefixes({ cache }) {
  const head = [
    { label: t("appendix.prefix.lifetime") },
    { label: t("appendix.prefix.share"), numeric: true },
    { label: t("breakdown.tokens"), numeric: true },
  ];
  const rows = cache.rates.map((rate) => [
    rate.ttl_seconds === null ? t("appendix.prefix.noExpiry") : span(rate.ttl_seconds),
    share(rate.by_tokens),
    count(rate.hit_tokens),
  ]);
  return html`<div>
    <h4>${t("appendix.prefix")}</h4>
    <p class="rp-note">${t("appendix.prefix.note")}</p>
    <${Table} caption=${t("appendix.prefix")} head=${head} rows=${rows} />
    ${cache.logged_share !== null && html`<p class="rp-note">${t("appendix.prefix.logged", { share: share(cache.logged_share) })}</p>`}
  </div>`;
}
