/** The plan, step by step: what each step saves, its effort and risk, and how to undo it. */
import { formatMoney } from "../../format.js";
import { html } from "../../html.js";
import { Section } from "../elements.js";
import { Basis, Level } from "../marks.js";
import { findLever, isPriced, parseLevel } from "../selectors/headline.js";
import { t } from "../texts.js";

const LIMITS = { "lower bound": "levers.least", "upper bound": "levers.most" };

export function Plan({ report, runId }) {
  if (!report.plan.length) return html`<${Section} title=${t("plan.heading")} note=${t(getEmptyNote(report))} />`;
  return html`<${Section} title=${t("plan.heading")} runId=${runId} csv="plan">
    <ol class="rp-plan">${report.plan.map((item) => html`<${Step} item=${item} lever=${findLever(report, item.lever)} />`)}</ol>
  <//>`;
}

function getEmptyNote(report) {
  if (report.missing.includes("actions")) return report.levers.length ? "plan.failed" : "head.effort.failed";
  if (report.missing.length) return "head.effort.failed";
  return isPriced(report) ? "plan.none" : "plan.none.unpriced";
}

function Step({ item, lever }) {
  const usd = LIMITS[lever.bound] ? t(LIMITS[lever.bound], { usd: formatMoney(item.saving) }) : formatMoney(item.saving);
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
  const found = parseLevel(text);
  return html`<div><dt>${name}</dt><dd><${Level} found=${found} />${found.name && found.reason && html`<span>, ${found.reason}</span>`}</dd></div>`;
}
