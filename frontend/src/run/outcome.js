import { useState } from "preact/hooks";
import { RunAnswer } from "../answer/run-answer.js";
import { Icon } from "../components/icon.js";
import { Spinner } from "../components/spinner.js";
import { formatDuration } from "../format.js";
import { html } from "../html.js";
import { ModelQuestion } from "../logs/assumptions.js";
import { Markdown } from "../report/markdown.js";
import { assume, getRunAssumptions, hasOtherPrices, needsModel } from "../state/choices.js";
import { announce, notify, notifyError } from "../state/notices.js";
import { askQuestion } from "../state/outbox.js";
import { workloads } from "../state/store.js";
import { has, t } from "../texts.js";
import { Feedback } from "./feedback.js";
import { ReportOutcome } from "./report-outcome.js";

const SAID_MS = 2000;

/** A run's outcome: the report, the answer, or why there is none. `latest`: whether it is the last of its conversation. */
export function RunOutcome({ run, latest, onAgain }) {
  if (run.state === "failed") return html`<${Failed} run=${run} onAgain=${onAgain} />`;
  if (run.state === "cancelled") return html`<${Cancelled} run=${run} onAgain=${onAgain} />`;
  if (run.has_report === null) return html`<${Spinner}>${t("report.loading")}<//>`;
  const again = html`<${AskAgainButton} onAgain=${onAgain} />`;
  const feedback = html`<${Feedback} runId=${run.id} />`;
  if (run.has_report) {
    return html`<div class="ending">${hasOtherPrices(run) && html`<p class="message info">${t("prices.changed")}</p>`}<${ReportOutcome} run=${run} latest=${latest} /><div class="run-actions">${again}${feedback}</div></div>`;
  }
  if (run.has_answer) {
    return html`<div class="ending">
      <${Degraded} run=${run} />
      <${RunAnswer} run=${run} onAsk=${latest ? askQuestion : null} />
      <${MissingModel} run=${run} latest=${latest} onAgain=${onAgain} />
      <div class="run-actions"><${CopyButton} text=${run.answer ?? ""} />${latest && run.workload_id && html`<${FullReportButton} />`}${again}${feedback}</div>
    </div>`;
  }
  return html`<div class="ending">
    <${Degraded} run=${run} />
    <${Markdown} text=${run.answer ?? ""} />
    <${MissingModel} run=${run} latest=${latest} onAgain=${onAgain} />
    <div class="run-actions"><${CopyButton} text=${run.answer ?? ""} />${again}${feedback}</div>
  </div>`;
}

function Degraded({ run }) {
  return run.degraded && html`<p class="message warn">${t("run.degraded", { missing: run.missing.map(formatPart).join(", ") })}</p>`;
}

function FullReportButton() {
  return html`<button type="button" class="button ghost small" onClick=${() => askQuestion(t("ask.report"))}><${Icon} name="file" size=${15} /> ${t("answer.report")}</button>`;
}

/** If nothing could be priced without a model, one click chooses it and asks again. */
function MissingModel({ run, latest, onAgain }) {
  const log = workloads.value[run.workload_id];
  const known = getRunAssumptions(run);
  if (!latest || !needsModel(log, known)) return null;
  const choose = (model) => {
    const assumptions = { ...known, assume_model: model };
    void assume(log.id, { assume_model: model }).catch(notifyError);
    onAgain({ assumptions });
  };
  return html`<${ModelQuestion} onChoose=${choose} />`;
}

function Failed({ run, onAgain }) {
  return html`<div class="ending message bad">
    <p><strong>${t("run.failed")}</strong> ${run.message}</p>
    <p>${t("run.failedSaved")}</p>
    <div class="run-actions"><${AskAgainButton} onAgain=${onAgain} label=${t("tryAgain")} /></div>
  </div>`;
}

function Cancelled({ run, onAgain }) {
  const took = run.cancel_requested_at ? Date.parse(run.ended_at) - Date.parse(run.cancel_requested_at) : null;
  return html`<div class="ending">
    <p class="quiet">${took === null ? t("run.cancelled") : t("run.cancelledAfter", { time: formatDuration(took) })}</p>
    <div class="run-actions"><${AskAgainButton} onAgain=${onAgain} /></div>
  </div>`;
}

function AskAgainButton({ onAgain, label = t("run.again") }) {
  return html`<button type="button" class="button ghost small" onClick=${() => onAgain()}><${Icon} name="again" size=${15} /> ${label}</button>`;
}

function CopyButton({ text }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      notify({ kind: "bad", text: t("copy.failed") });
      return;
    }
    setDone(true);
    announce(t("copy.done"));
    setTimeout(() => setDone(false), SAID_MS);
  };
  return html`<button type="button" class="button ghost small" onClick=${copy}>
    <${Icon} name=${done ? "check" : "copy"} size=${15} /> ${t(done ? "copy.done" : "copy")}
  </button>`;
}

// An installation may have its own agents.
const formatPart = (name) => (has(`missing.${name}`) ? t(`missing.${name}`) : name);
