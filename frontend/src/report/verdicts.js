/** Whether the goal is met and whether latency is kept, each as a mark, a word and the reason. */
import { html } from "../html.js";
import { milliseconds, money, percent } from "./figures.js";
import { Verdict } from "./marks.js";
import { t } from "./texts.js";

const GOALS = { met: "good", short: "warn", unknown: "open" };
const GUARDS = { kept: "good", unverified: "warn", unknown: "open" };

export function Goal({ aim }) {
  return html`<div>
    <dt>${t("goal.label", { percent: percent(aim.percent) })}</dt>
    <dd>
      <${Verdict} tone=${GOALS[aim.state]}>${t(`goal.${aim.state}`, { usd: money(aim.gap ?? 0) })}<//>
      <span>${why(aim)}</span>
    </dd>
  </div>`;
}

function why({ state, closing }) {
  if (state !== "short") return t(`goal.why.${state}`);
  return closing.length ? t("goal.why.closing", { levers: closing.join("; ") }) : t("goal.why.short");
}

export function Guard({ watched }) {
  const { metric, before_ms: before, after_ms: after, verdict, note } = watched;
  const times = before !== null && after !== null;
  return html`<div>
    <dt>${t("guard.label", { metric })}</dt>
    <dd>
      <${Verdict} tone=${GUARDS[verdict] ?? "open"}>${t(`guard.${verdict}`)}<//>
      <span>${times && t("guard.times", { before: milliseconds(before), after: milliseconds(after) })} ${note}</span>
    </dd>
  </div>`;
}
