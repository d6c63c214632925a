/** The plan, step by step, each with what it saves, takes, risks, and how to undo it. */
import { html } from "../html.js";
import { money } from "./figures.js";
import { Basis, Level } from "./marks.js";
import { Section } from "./section.js";
import { isPriced, leverOf } from "./shape/headline.js";
import { level } from "./shape/level.js";
import { t } from "./texts.js";

const LIMITS = { "lower bound": "levers.least", "upper bound": "levers.most" };

export function Plan({ report }) {
  if (!report.plan.length) return html`<${Section} title=${t("plan.heading")} note=${t(none(report))} />`;
  return html`<${Section} title=${t("plan.heading")}>
    <ol class="rp-plan">${report.plan.map((item) => html`<${Step} item=${item} lever=${leverOf(report, item.lever)} />`)}</ol>
  <//>`;
}

function none(report) {
  if (report.missing.includes("actions")) return report.levers.length ? "plan.failed" : "head.effort.failed";
  if (report.missing.length) return "head.effort.failed";
  return isPriced(report) ? "plan.none" : "plan.none.unpriced";
}

function Step({ item, lever }) {
  const usd = LIMITS[lever.bound] ? t(LIMITS[lever.bound], { usd: money(item.saving) }) : money(item.saving);
  return html`<li class=${item.promised ? "rp-step" : "rp-step rp-step-unsure"}>
    <p class="rp-do">${item.step}</p>
    <p class="rp-worth"><strong>${t(item.promised ? "plan.saves" : "plan.confirmed", { usd })}</strong> <${Basis} basis=${lever.basis} /></p>
    <dl class="rp-terms">
      <${Term} name=${t("plan.effort")} text=${item.effort} /><${Term} name=${t("plan.risk")} text=${item.risk} />
      <div><dt>${t("plan.undo")}</dt><dd>${item.undo}</dd></div>
    </dl>
  </li>`;
}

function Term({ name, text }) {
  const found = level(text);
  return html`<div><dt>${name}</dt><dd><${Level} found=${found} />${found.name && found.reason && html`<span>, ${found.reason}</span>`}</dd></div>`;
}
