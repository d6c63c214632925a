/** The prices that the spend is in, the models without one, and what the user added. */
import { html } from "../html.js";
import { count, money, percent, price, requests } from "./figures.js";
import { Name } from "./name.js";
import { Table } from "./section.js";
import { has, t } from "./texts.js";

const KINDS = ["fresh_input", "cache_read", "cache_write", "output"];
const LABELS = ["appendix.input", "appendix.read", "appendix.write", "appendix.output"];

export function Prices({ report }) {
  const { assumptions, spend } = report;
  return html`<div class="rp-ground">
    ${report.prices.length > 0 ? html`<p class="rp-note">${t("appendix.prices.note")}</p><${Priced} models=${report.prices} />` : html`<p>${t("appendix.prices.none")}</p>`}
    ${assumptions.price_in !== null && html`<p>${t("appendix.given", { input: price(assumptions.price_in), output: price(assumptions.price_out) })}</p>`}
    ${assumptions.discount_percent > 0 && html`<p>${t("appendix.discount", { percent: percent(assumptions.discount_percent) })}</p>`}
    ${report.unpriced.length > 0 && html`<div><h4>${t("appendix.unpriced")}</h4><${Unpriced} models=${report.unpriced} /></div>`}
    ${spend && spend.logged !== null && html`<p>${t("appendix.logged", { usd: money(spend.logged), requests: requests(spend.logged_requests) })}</p>`}
  </div>`;
}

function Priced({ models }) {
  const head = [
    { label: t("appendix.model") }, { label: t("appendix.priced") },
    ...LABELS.map((key) => ({ label: t(key), numeric: true })), { label: t("appendix.history") },
  ];
  const rows = models.map((one) => [
    html`<${Model} name=${one.model} />`,
    one.model_id ? html`<${Name} text=${`${one.provider_id}/${one.model_id}`} />` : t("appendix.own"),
    ...KINDS.map((kind) => price(one[kind])),
    one.rates > 1 ? `${historyOf(one)}; ${t("appendix.rates", { n: one.rates, count: count(one.rates) })}` : historyOf(one),
  ]);
  return html`<${Table} caption=${t("appendix.prices")} head=${head} rows=${rows} />`;
}

// Reports of later versions may know more of them.
const historyOf = ({ history }) => (has(`history.${history}`) ? t(`history.${history}`) : history);

function Unpriced({ models }) {
  const head = [{ label: t("appendix.model") }, { label: t("breakdown.requests"), numeric: true }, { label: t("appendix.why") }];
  const rows = models.map((one) => [html`<${Model} name=${one.model} />`, count(one.requests), one.why]);
  return html`<${Table} caption=${t("appendix.unpriced")} head=${head} rows=${rows} />`;
}

function Model({ name }) {
  return name === null ? html`<span class="rp-soft">${t("breakdown.nameless")}</span>` : html`<${Name} text=${name} />`;
}
