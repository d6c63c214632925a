/** The top of the report: spend, potential savings and effort, and whether the target is met and latency kept. */
import { formatCount, formatMilliseconds, formatMoney, formatShare, formatTimeSpan } from "../../format.js";
import { html } from "../../html.js";
import { Basis, Level, Verdict } from "../marks.js";
import { LEVELS, selectEffort, selectGoal, selectGuard, selectSavings, selectSpend } from "../selectors/headline.js";
import { t } from "../texts.js";
import { formatGoal, formatRequests } from "../units.js";

const GOALS = { met: "good", short: "warn", unknown: "open" };
const GUARDS = { kept: "good", worse: "warn", exceeded: "warn", unverified: "warn", unknown: "open" };

export function Headline({ report }) {
  const [aim, watched] = [selectGoal(report), selectGuard(report)];
  return html`<div class="rp-headline" role="group" aria-label=${t("head.heading")}>
    <div class="rp-cards">
      <${SpentCard} report=${report} /><${SavingsCard} report=${report} /><${EffortCard} report=${report} />
    </div>
    ${(aim || watched) && html`<dl class="rp-verdicts">
      ${aim && html`<${GoalVerdict} aim=${aim} />`}${watched && html`<${LatencyVerdict} watched=${watched} />`}
    </dl>`}
    <${Limits} limits=${report.constraints} />
  </div>`;
}

/** What the report understood of the question's limits, and what it can't take into account. */
function Limits({ limits }) {
  if (!limits) return null;
  const names = (found) => found.map((one) => one.value).join(", ");
  const understood = [
    limits.only.length && t("limits.only", { names: names(limits.only) }),
    limits.never.length && t("limits.never", { names: names(limits.never) }),
    ...limits.excluded.map((change) => t(`limits.${change}`)),
  ].filter(Boolean);
  if (!understood.length && !limits.unmet.length) return null;
  return html`<ul class="rp-limits">
    ${understood.map((words) => html`<li>${words}</li>`)}
    ${limits.unmet.map((one) => html`<li><${Verdict} tone="warn">${t("limits.unmet", { words: one.words, why: one.why })}<//></li>`)}
  </ul>`;
}

function Card({ label, figure, soft = false, children }) {
  return html`<div class="rp-card">
    <h3>${label}</h3>
    <p class=${soft ? "rp-figure rp-figure-soft" : "rp-figure"}>${figure}</p>
    ${children}
  </div>`;
}

function SpentCard({ report }) {
  const found = selectSpend(report);
  if (!found) {
    return html`<${Card} label=${t("head.spent")} figure=${t("head.spent.none")} soft>
      <p>${t(report.spend ? "head.spent.why" : "head.spent.failed")}</p>
    <//>`;
  }
  const seconds = report.span_seconds;
  return html`<${Card} label=${t("head.spent")} figure=${formatMoney(found.usd)}>
    <p>${!seconds ? formatRequests(found.priced) : t("head.spent.in", { requests: formatRequests(found.priced), span: formatTimeSpan(seconds) })}</p>
    ${found.stated && html`<p>${t("head.stated", { usd: formatMoney(found.stated.usd), requests: formatRequests(found.stated.requests) })}</p>`}
    ${found.unpriced !== 0 && html`<p><${Verdict} tone="warn">${t("head.unpriced", { requests: formatRequests(found.unpriced) })}<//></p>`}
    <p class="rp-soft">${t("head.prices", { prices: report.spend.prices })}</p>
  <//>`;
}

function SavingsCard({ report }) {
  const found = selectSavings(report);
  if (!found) {
    const why = report.combination ? "head.saved.unpriced" : "head.saved.failed";
    return html`<${Card} label=${t("head.saved")} figure=${t("head.saved.unknown")} soft><p>${t(why)}</p><//>`;
  }
  if (!found.hasCandidates && !found.low) {
    return html`<${Card} label=${t("head.saved")} figure=${t("head.saved.nothing")} soft><p>${t("head.saved.no")}</p><//>`;
  }
  return html`<${Card} label=${t("head.saved")} figure=${formatSaved(found)} soft=${!found.low}>
    ${found.low > 0 && html`<p>${t("head.share", { share: formatShare(found.lowShare) })}</p>`}
    <ul class="rp-bases">
      ${found.bases.map(({ basis, usd }) => html`<li><${Basis} basis=${basis} /> <span>${t("head.promised", { usd: formatMoney(usd) })}</span></li>`)}
      ${found.best && html`<li><${Basis} basis=${found.best.basis} /> <span>${t(found.low ? "head.confirmed" : "head.confirmed.only", { usd: formatMoney(found.best.adds) })}</span></li>`}
    </ul>
    ${!found.low && html`<p class="rp-soft">${t("head.saved.only")}</p>`}
    ${found.overlap && html`<p class="rp-soft">${t("head.overlap")}</p>`}
  <//>`;
}

function formatSaved({ low, atLeast }) {
  if (!low) return t("head.saved.unconfirmed");
  return atLeast ? t("head.least", { low: formatMoney(low) }) : formatMoney(low);
}

function EffortCard({ report }) {
  const found = selectEffort(report);
  if (!found) return html`<${NoEffortCard} report=${report} />`;
  const more = found.promised && found.unsure > 0;
  return html`<${Card} label=${t("head.effort")} figure=${t("head.steps", { n: found.steps, count: formatCount(found.steps) })}>
    ${more && html`<p>${t("head.steps.more", { n: found.unsure, count: formatCount(found.unsure) })}</p>`}
    ${!found.promised && html`<p>${t("head.steps.unsure", { n: found.steps })}</p>`}
    <p class="rp-levels">${t("plan.effort")}: <${Levels} ranks=${found.effort} /></p>
    <p class="rp-levels">${t("plan.risk")}: <${Levels} ranks=${found.risk} /></p>
  <//>`;
}

function NoEffortCard({ report }) {
  const failed = report.missing.some((part) => part === "actions" || part === "optimization");
  const [figure, why] = failed ? ["head.effort.unknown", "head.effort.failed"] : ["head.effort.none", "head.effort.nothing"];
  return html`<${Card} label=${t("head.effort")} figure=${t(figure)} soft><p>${t(why)}</p><//>`;
}

function Levels({ ranks: [low, high] }) {
  const shown = (rank) => html`<${Level} found=${{ name: LEVELS[rank], rank, reason: "" }} />`;
  return low === high ? shown(low) : html`${shown(low)} – ${shown(high)}`;
}

function GoalVerdict({ aim }) {
  return html`<div>
    <dt>${formatGoal(aim)}</dt>
    <dd>
      <${Verdict} tone=${GOALS[aim.state]}>${t(`goal.${aim.state}`, { usd: formatMoney(aim.gap ?? 0) })}<//>
      <span>${explainGoal(aim)}</span>
    </dd>
  </div>`;
}

function explainGoal({ state, closing, bounded }) {
  if (state !== "short") return t(`goal.why.${state}`);
  if (closing.length) return t("goal.why.closing", { n: closing.length, levers: closing.join("; ") });
  return bounded.length ? t("goal.why.bounded", { n: bounded.length, levers: bounded.join("; ") }) : t("goal.why.short");
}

function LatencyVerdict({ watched }) {
  const { metric, before_ms: before, after_ms: after, verdict, note } = watched;
  const times = before !== null && after !== null;
  return html`<div>
    <dt>${t("guard.label", { metric })}</dt>
    <dd>
      <${Verdict} tone=${GUARDS[verdict] ?? "open"}>${t(`guard.${verdict}`)}<//>
      <span>${times && t("guard.times", { before: formatMilliseconds(before), after: formatMilliseconds(after) })} ${note}</span>
    </dd>
  </div>`;
}
