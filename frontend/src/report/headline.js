/** The top of the report: spent, saveable, what it takes, and the verdicts on goal and latency. */
import { html } from "../html.js";
import { count, money, requests, share, span } from "./figures.js";
import { Basis, Level, Verdict } from "./marks.js";
import { goal, guard, saved, spent, takes } from "./shape/headline.js";
import { LEVELS } from "./shape/level.js";
import { Goal, Guard } from "./verdicts.js";
import { t } from "./texts.js";

export function Headline({ report }) {
  const [aim, watched] = [goal(report), guard(report)];
  return html`<div class="rp-headline" role="group" aria-label=${t("head.heading")}>
    <div class="rp-cards">
      <${Spent} report=${report} /><${Saved} report=${report} /><${Takes} report=${report} />
    </div>
    ${(aim || watched) && html`<dl class="rp-verdicts">
      ${aim && html`<${Goal} aim=${aim} />`}${watched && html`<${Guard} watched=${watched} />`}
    </dl>`}
  </div>`;
}

function Card({ label, figure, soft = false, children }) {
  return html`<div class="rp-card">
    <h3>${label}</h3>
    <p class=${soft ? "rp-figure rp-figure-soft" : "rp-figure"}>${figure}</p>
    ${children}
  </div>`;
}

function Spent({ report }) {
  const found = spent(report);
  if (!found) {
    return html`<${Card} label=${t("head.spent")} figure=${t("head.spent.none")} soft>
      <p>${t(report.spend ? "head.spent.why" : "head.spent.failed")}</p>
    <//>`;
  }
  const seconds = report.span_seconds;
  return html`<${Card} label=${t("head.spent")} figure=${money(found.usd)}>
    <p>${seconds === null ? requests(found.priced) : t("head.spent.in", { requests: requests(found.priced), span: span(seconds) })}</p>
    ${found.unpriced > 0 && html`<p><${Verdict} tone="warn">${t("head.unpriced", { n: found.unpriced, count: count(found.unpriced) })}<//></p>`}
    <p class="rp-soft">${t("head.prices", { prices: report.spend.prices })}</p>
  <//>`;
}

function Saved({ report }) {
  const found = saved(report);
  if (!found) {
    const why = report.combination ? "head.saved.unpriced" : "head.saved.failed";
    return html`<${Card} label=${t("head.saved")} figure=${t("head.saved.unknown")} soft><p>${t(why)}</p><//>`;
  }
  if (!found.best && !found.low) {
    return html`<${Card} label=${t("head.saved")} figure=${t("head.saved.nothing")} soft><p>${t("head.saved.no")}</p><//>`;
  }
  return html`<${Card} label=${t("head.saved")} figure=${range(found)}>
    <p>${shares(found)}</p>
    <ul class="rp-bases">
      ${found.bases.map(({ basis, usd }) => html`<li><${Basis} basis=${basis} /> <span>${t("head.promised", { usd: money(usd) })}</span></li>`)}
      ${found.best && html`<li><${Basis} basis=${found.best.basis} /> <span>${t(found.low ? "head.confirmed" : "head.confirmed.only", { usd: money(found.best.adds) })}</span></li>`}
    </ul>
    ${!found.low && html`<p class="rp-soft">${t("head.saved.only")}</p>`}
    ${found.overlap && html`<p class="rp-soft">${t("head.overlap")}</p>`}
  <//>`;
}

function range({ low, high, best, atLeast }) {
  if (!low) return t("head.up", { high: money(high) });
  if (!best) return atLeast ? t("head.least", { low: money(low) }) : money(low);
  return t("head.range", { low: money(low), high: money(high) });
}

function shares({ low, best, lowShare, highShare }) {
  if (!low) return t("head.share.up", { high: share(highShare) });
  if (!best) return t("head.share", { share: share(lowShare) });
  return t("head.share.range", { low: share(lowShare), high: share(highShare) });
}

function Takes({ report }) {
  const found = takes(report);
  if (!found) return html`<${Takesless} report=${report} />`;
  const more = found.promised && found.unsure > 0;
  return html`<${Card} label=${t("head.effort")} figure=${t("head.steps", { n: found.steps, count: count(found.steps) })}>
    ${more && html`<p>${t("head.steps.more", { n: found.unsure, count: count(found.unsure) })}</p>`}
    ${!found.promised && html`<p>${t("head.steps.unsure", { n: found.steps })}</p>`}
    <p class="rp-levels">${t("plan.effort")}: <${Levels} ranks=${found.effort} /></p>
    <p class="rp-levels">${t("plan.risk")}: <${Levels} ranks=${found.risk} /></p>
  <//>`;
}

function Takesless({ report }) {
  const failed = report.missing.some((part) => part === "actions" || part === "optimization");
  const [figure, why] = failed ? ["head.effort.unknown", "head.effort.failed"] : ["head.effort.none", "head.effort.nothing"];
  return html`<${Card} label=${t("head.effort")} figure=${t(figure)} soft><p>${t(why)}</p><//>`;
}

function Levels({ ranks: [low, high] }) {
  const shown = (rank) => html`<${Level} found=${{ name: LEVELS[rank], rank, reason: "" }} />`;
  return low === high ? shown(low) : html`${shown(low)} – ${shown(high)}`;
}
