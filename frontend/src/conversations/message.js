import { html } from "../html.js";
import { moment } from "../format.js";
import { RunView } from "../run/run.js";
import { UserText } from "../parts/user-text.js";
import { assumedNow } from "../state/choices.js";
import { ask } from "../state/sending.js";
import { runs, workloads } from "../state/store.js";
import { t } from "../texts.js";

/** A question and its run. */
export function Message({ message }) {
  const again = ({ assumptions } = {}) => {
    const run = runs.value[message.run_id];
    ask(message.text, { workloadId: run.workload_id, assumptions: assumptions ?? assumedNow(run) });
  };
  return html`<article class="turn">
    <${Question} text=${message.text} at=${message.created_at} runId=${message.run_id} />
    ${message.run_id && html`<${RunView} runId=${message.run_id} onAgain=${again} />`}
  </article>`;
}

export function Question({ text, at, runId = null }) {
  const log = workloads.value[runs.value[runId]?.workload_id];
  return html`<div class="question">
    <h2 class="unseen">${t("message.yours")}</h2>
    <p class="bubble"><${UserText}>${text}<//></p>
    <p class="question-foot">
      ${log && html`<${UserText} className="question-log">${log.name}<//>`}<time datetime=${at}>${moment(at)}</time>
    </p>
  </div>`;
}
