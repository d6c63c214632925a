import { useComputed } from "@preact/signals";
import { useMemo, useRef, useState } from "preact/hooks";
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
import { EditedQuestion } from "./edited-question.js";

/** A question and its run. It is drawn again only for its own changes, however long the conversation is. */
export function Message({ message }) {
  return useMemo(() => html`<${Turn} message=${message} />`, [message]);
}

function Turn({ message }) {
  const again = ({ assumptions } = {}) => {
    const run = runs.value[message.run_id];
    askQuestion(message.text, { workloadId: run.workload_id, assumptions: assumptions ?? getRunAssumptions(run) });
  };
  const askEdited = (text) => {
    const run = runs.value[message.run_id];
    askQuestion(text, { workloadId: run.workload_id, assumptions: getRunAssumptions(run) });
  };
  return html`<article class="turn">
    <${Question} text=${message.text} at=${message.created_at} runId=${message.run_id} onAsk=${message.run_id && askEdited} />
    ${message.run_id && html`<${RunView} runId=${message.run_id} onAgain=${again} />`}
  </article>`;
}

/** `onAsk(text)` asks the question again as the user has edited it; without it, it can't be edited. */
function Question({ text, at, runId = null, onAsk = null }) {
  const [editing, setEditing] = useState(false);
  const edit = useRef(null);
  const log = useComputed(() => workloads.value[runs.value[runId]?.workload_id]).value;
  const close = () => {
    setEditing(false);
    requestAnimationFrame(() => edit.current?.focus());
  };
  return html`<div class="question">
    <h2 class="unseen">${t("message.yours")}</h2>
    ${editing
      ? html`<${EditedQuestion} text=${text} onAsk=${(changed) => (setEditing(false), onAsk(changed))} onCancel=${close} />`
      : html`<p class="bubble"><${UserText}>${text}<//></p>`}
    <p class="question-foot">
      ${onAsk && !editing && html`<button type="button" class="question-edit" ref=${edit} onClick=${() => setEditing(true)}><${Icon} name="edit" size=${13} /> ${t("message.edit")}</button>`}
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
