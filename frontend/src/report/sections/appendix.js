/** What the figures were made from: prices, statistics of the log, rows that could not be read, and notes. */
import { formatCount, formatMilliseconds, formatMoney, formatNumber, formatPercent, formatPrice, formatShare, formatTimeSpan } from "../../format.js";
import { html } from "../../html.js";
import { CsvLink, Fold, Name, Table } from "../elements.js";
import { isStated } from "../selectors/headline.js";
import { showHiddenCharacters } from "../selectors/escaping.js";
import { has, t } from "../texts.js";
import { formatRequestCount, formatRequests } from "../units.js";

const KINDS = ["fresh_input", "cache_read", "cache_write", "output"];
const LABELS = ["appendix.input", "appendix.read", "appendix.write", "appendix.output"];

export function Appendix({ report, runId }) {
  const rejected = report.source.rejected;
  const lost = rejected.reduce((sum, one) => sum + one.rows, 0);
  const notes = report.notes.length;
  return html`<div class="rp-rest">
    <p class="rp-note">${describePriceSources(report)}</p>
    <${Fold} title=${t("appendix.prices")}><${Prices} report=${report} runId=${runId} /><//>
    <${Fold} title=${t("appendix.figures")}><${LogStatistics} report=${report} /><//>
    ${lost > 0 && html`<${Fold} title=${t("appendix.rejected", { n: lost, count: formatCount(lost) })}><${RejectedRows} rejected=${rejected} /><//>`}
    ${notes > 0 && html`<${Fold} title=${t("appendix.notes", { n: notes, count: formatCount(notes) })}>
      <ul>${report.notes.map((note) => html`<li><bdi dir="auto">${showHiddenCharacters(note)}</bdi></li>`)}</ul>
    <//>`}
  </div>`;
}

/** The price list and the operator's price file, each with its date. Reports of earlier versions have neither. */
function describePriceSources({ price_list: list, price_file: file }) {
  const sentences = [
    list && t("appendix.list", { version: list.version, date: list.date }),
    file && t(file.title ? "appendix.file.titled" : "appendix.file", { title: showHiddenCharacters(file.title), date: file.date }),
  ];
  return sentences.filter(Boolean).join(" ");
}

function RejectedRows({ rejected }) {
  const head = [{ label: t("appendix.why") }, { label: t("appendix.rows"), numeric: true }, { label: t("appendix.examples") }];
  const rows = rejected.map(({ why, rows: n, examples }) => [
    html`<bdi dir="auto">${showHiddenCharacters(why)}</bdi>`,
    formatCount(n),
    examples.map((one) => formatCount(one)).join(", "),
  ]);
  return html`<${Table} caption=${t("appendix.why")} head=${head} rows=${rows} />`;
}

function Prices({ report, runId }) {
  const { assumptions, spend } = report;
  return html`<div class="rp-ground">
    ${report.prices.length > 0 ? html`<p class="rp-note">${t("appendix.prices.note")}</p>${runId && html`<${CsvLink} runId=${runId} table="prices" title=${t("appendix.prices")} />`}<${PricedModels} models=${report.prices} />` : html`<p>${t("appendix.prices.none")}</p>`}
    ${assumptions.price_in !== null && html`<p>${t("appendix.given", { input: formatPrice(assumptions.price_in), output: formatPrice(assumptions.price_out) })}</p>`}
    ${assumptions.discount_percent > 0 && html`<p>${t("appendix.discount", { percent: formatPercent(assumptions.discount_percent) })}</p>`}
    ${report.unpriced.length > 0 && html`<div><h4>${t("appendix.unpriced")}</h4>${runId && html`<${CsvLink} runId=${runId} table="unpriced-models" title=${t("appendix.unpriced")} />`}<${UnpricedModels} models=${report.unpriced} /></div>`}
    ${isStated(report) && html`<p>${t("appendix.stated", { usd: formatMoney(spend.stated), requests: formatRequests(spend.stated_requests) })}</p>`}
    ${spend && spend.logged !== null && html`<p>${t("appendix.logged", { usd: formatMoney(spend.logged), requests: formatRequests(spend.logged_requests) })}</p>`}
  </div>`;
}

function PricedModels({ models }) {
  const head = [
    { label: t("appendix.model") }, { label: t("appendix.priced") },
    ...LABELS.map((key) => ({ label: t(key), numeric: true })), { label: t("appendix.history") },
  ];
  const rows = models.map((one) => [
    html`<${Model} name=${one.model} />`,
    one.model_id ? html`<${Name} text=${`${one.provider_id}/${one.model_id}`} />` : t("appendix.own"),
    ...KINDS.map((kind) => formatPrice(one[kind])),
    one.rates > 1 ? `${formatHistory(one)}; ${t("appendix.rates", { n: one.rates, count: formatCount(one.rates) })}` : formatHistory(one),
  ]);
  return html`<${Table} caption=${t("appendix.prices")} head=${head} rows=${rows} />`;
}

// Reports of later versions may have more kinds.
const formatHistory = ({ history }) => (has(`history.${history}`) ? t(`history.${history}`) : history);

function UnpricedModels({ models }) {
  const head = [{ label: t("appendix.model") }, { label: t("breakdown.requests"), numeric: true }, { label: t("appendix.why") }];
  const rows = models.map((one) => [html`<${Model} name=${one.model} />`, formatRequestCount(one.requests), one.why]);
  return html`<${Table} caption=${t("appendix.unpriced")} head=${head} rows=${rows} />`;
}

function Model({ name }) {
  return name === null ? html`<span class="rp-soft">${t("breakdown.nameless")}</span>` : html`<${Name} text=${name} />`;
}

function LogStatistics({ report }) {
  const { tokens, percentiles: spread } = report;
  const rows = [
    [t("figure.input"), formatCount(tokens.input)],
    [t("figure.output"), formatCount(tokens.output)],
    [t("figure.each.input"), formatPercentiles(spread.input_tokens, formatCount)],
    [t("figure.each.output"), formatPercentiles(spread.output_tokens, formatCount)],
    [t("figure.latency"), formatPercentiles(spread.latency_ms, formatMilliseconds)],
    [t("figure.first"), formatPercentiles(spread.first_token_ms, formatMilliseconds)],
    [t("figure.peak"), formatPeak(report.peak)],
    [t("figure.errors"), report.error_rate === null ? t("figure.unknown") : formatShare(report.error_rate)],
  ];
  const head = [{ label: t("appendix.figure") }, { label: t("appendix.value") }];
  return html`<div class="rp-ground">
    <${Table} caption=${t("appendix.figures")} head=${head} rows=${rows} />
    ${report.prefix_cache?.rates.length > 0 && html`<${PrefixCache} cache=${report.prefix_cache} />`}
  </div>`;
}

function formatPercentiles(found, shown) {
  if (!found) return t("figure.unknown");
  return t("figure.percentiles", { p50: shown(found.p50), p95: shown(found.p95), p99: shown(found.p99) });
}

function formatPeak(found) {
  if (!found) return t("figure.unknown");
  return t("figure.peak.value", { requests: formatRequests(found.requests), times: formatNumber(Math.round(found.to_mean * 10) / 10) });
}

function PrefixCache({ cache }) {
  const head = [
    { label: t("appendix.prefix.lifetime") },
    { label: t("appendix.prefix.share"), numeric: true },
    { label: t("breakdown.tokens"), numeric: true },
  ];
  const rows = cache.rates.map((rate) => [
    rate.ttl_seconds === null ? t("appendix.prefix.noExpiry") : formatTimeSpan(rate.ttl_seconds),
    formatShare(rate.by_tokens),
    formatCount(rate.hit_tokens),
  ]);
  return html`<div>
    <h4>${t("appendix.prefix")}</h4>
    <p class="rp-note">${t("appendix.prefix.note")}</p>
    <${Table} caption=${t("appendix.prefix")} head=${head} rows=${rows} />
    ${cache.logged_share !== null && html`<p class="rp-note">${t("appendix.prefix.logged", { share: formatShare(cache.logged_share) })}</p>`}
  </div>`;
}
