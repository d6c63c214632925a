import { Icon } from "../components/icon.js";
import { Spinner } from "../components/spinner.js";
import { UserText } from "../components/user-text.js";
import { formatMoment } from "../format.js";
import { html } from "../html.js";
import { RunView } from "../run/run.js";
import { getRunAssumptions } from "../state/choices.js";
import { saveDraft } from "../state/drafts.js";
import { askQuestion, removeMessage, sendAgain } from "../state/outbox.js";
import { openThread } from "../state/route.js";
import { connection } from "../state/status.js";
import { runs, workloads } from "../state/store.js";
import { t } from "../texts.js";

/** A question and its run. */
export function Message({ message }) {
  const again = ({ assumptions } = {}) => {
    const run = runs.value[message.run_id];
    askQuestion(message.text, { workloadId: run.workload_id, assumptions: assumptions ?? getRunAssumptions(run) });
  };
  return html`<article class="turn">
    <${Question} text=${message.text} at=${message.created_at} runId=${message.run_id} />
    ${message.run_id && html`<${RunView} runId=${message.run_id} onAgain=${again} />`}
  </article>`;
}

function Question({ text, at, runId = null }) {
  const log = workloads.value[runs.value[runId]?.workload_id];
  return html`<div class="question">
    <h2 class="unseen">${t("message.yours")}</h2>
    <p class="bubble"><${UserText}>${text}<//></p>
    <p class="question-foot">
      ${log && html`<${UserText} className="question-log">${log.name}<//>`}<time datetime=${at}>${formatMoment(at)}</time>
    </p>
  </div>`;
}

/** A message that the server has not accepted yet, or has refused. */
export function UnsentMessage({ message }) {
  return html`<article class="turn">
    <${Question} text=${message.text} at=${message.created_at} />
    ${message.refused === null ? html`<${Spinner}>${describeWait(message)}<//>` : html`<${Refusal} message=${message} />`}
  </article>`;
}

function describeWait(message) {
  if (message.transfer_id) return t("message.waitsForFile");
  const log = workloads.value[message.workload_id];
  if (log && ["queued", "reading"].includes(log.state)) return t("message.waitsForLog");
  const waits = { live: "message.sending", signed_out: "message.waitsForSignIn" };
  return t(waits[connection.value.state] ?? "message.waitsForConnection");
}

function Refusal({ message }) {
  const edit = () => {
    saveDraft(openThread.value, message.text);
    removeMessage(message.client_id);
  };
  return html`<div class="message bad" role="alert">
    <p>${message.refused}</p>
    <div class="run-actions">
      <button type="button" class="button small" onClick=${() => sendAgain(message)}><${Icon} name="again" size=${15} /> ${t("tryAgain")}</button>
      <button type="button" class="button ghost small" onClick=${edit}>${t("message.edit")}</button>
      <button type="button" class="button ghost small" onClick=${() => removeMessage(message.client_id)}>${t("message.remove")}</button>
    </div>
  </div>`;
}
