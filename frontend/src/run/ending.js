import { duration } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Wait } from "../parts/wait.js";
import { WhichModel } from "../logs/model.js";
import { Markdown } from "../report/markdown.js";
import { ReportOf } from "../report/report.js";
import { assume, assumedNow, needsModel } from "../state/choices.js";
import { me } from "../state/me.js";
import { ask } from "../state/sending.js";
import { messages, workloads } from "../state/store.js";
import { has, t } from "../texts.js";
import { CopyButton } from "./copy.js";

// An installation may have parts of its own.
const partOf = (name) => (has(`missing.${name}`) ? t(`missing.${name}`) : name);

/** What came of a run. */
export function Ending({ run, onAgain }) {
  if (run.state === "failed") return html`<${Failed} run=${run} onAgain=${onAgain} />`;
  if (run.state === "cancelled") return html`<${Cancelled} run=${run} onAgain=${onAgain} />`;
  if (run.has_report === null) return html`<${Wait}>${t("report.loading")}<//>`;
  const again = html`<${Again} onAgain=${onAgain} />`;
  if (run.has_report) {
    return html`<div class="ending"><${ReportOf} run=${run} fields=${me.value.fields} onAsk=${ask} /><div class="run-actions">${again}</div></div>`;
  }
  return html`<div class="ending">
    ${run.degraded && html`<p class="message warn">${t("run.degraded", { missing: run.missing.map(partOf).join(", ") })}</p>`}
    <${Markdown} text=${run.answer ?? ""} />
    <${Lacking} run=${run} onAgain=${onAgain} />
    <div class="run-actions"><${CopyButton} text=${run.answer ?? ""} />${again}</div>
  </div>`;
}

/** Where nothing could be priced for want of a model, the answer to that is one click away, and asks again. */
function Lacking({ run, onAgain }) {
  const log = workloads.value[run.workload_id];
  const known = assumedNow(run);
  const latest = messages.value[run.thread_id]?.at(-1)?.run_id === run.id;
  if (!latest || !needsModel(log, known)) return null;
  const choose = (model) => {
    const assumptions = { ...known, assume_model: model };
    assume(log.id, assumptions);
    onAgain({ assumptions });
  };
  return html`<${WhichModel} onChoose=${choose} />`;
}

function Failed({ run, onAgain }) {
  return html`<div class="ending message bad">
    <p><strong>${t("run.failed")}</strong> ${run.message}</p>
    <p>${t("run.failedSaved")}</p>
    <div class="run-actions"><${Again} onAgain=${onAgain} label=${t("tryAgain")} /></div>
  </div>`;
}

function Cancelled({ run, onAgain }) {
  const took = run.cancel_requested_at ? Date.parse(run.ended_at) - Date.parse(run.cancel_requested_at) : null;
  return html`<div class="ending">
    <p class="quiet">${took === null ? t("run.cancelled") : t("run.cancelledAfter", { time: duration(took) })}</p>
    <div class="run-actions"><${Again} onAgain=${onAgain} /></div>
  </div>`;
}

function Again({ onAgain, label = t("run.again") }) {
  return html`<button type="button" class="button ghost small" onClick=${() => onAgain()}><${Icon} name="again" size=${15} /> ${label}</button>`;
}
