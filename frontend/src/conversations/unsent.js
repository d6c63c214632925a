import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Wait } from "../parts/wait.js";
import { draft } from "../state/drafts.js";
import { taken } from "../state/outbox.js";
import { openThread } from "../state/route.js";
import { sendAgain } from "../state/sending.js";
import { connection } from "../state/status.js";
import { workloads } from "../state/store.js";
import { t } from "../texts.js";
import { Question } from "./message.js";

/** A message that the server has not taken yet, or has refused. */
export function Unsent({ message }) {
  return html`<article class="turn">
    <${Question} text=${message.text} at=${message.created_at} />
    ${message.refused === null ? html`<${Wait}>${waitsFor(message)}<//>` : html`<${Refusal} message=${message} />`}
  </article>`;
}

function waitsFor(message) {
  if (message.transfer_id) return t("message.waitsForFile");
  const log = workloads.value[message.workload_id];
  if (log && ["queued", "reading"].includes(log.state)) return t("message.waitsForLog");
  const waits = { live: "message.sending", signed_out: "message.waitsForSignIn" };
  return t(waits[connection.value.state] ?? "message.waitsForConnection");
}

function Refusal({ message }) {
  const edit = () => {
    draft(openThread.value, message.text);
    taken(message.client_id);
  };
  return html`<div class="message bad" role="alert">
    <p>${message.refused}</p>
    <div class="run-actions">
      <button type="button" class="button small" onClick=${() => sendAgain(message)}><${Icon} name="again" size=${15} /> ${t("tryAgain")}</button>
      <button type="button" class="button ghost small" onClick=${edit}>${t("message.edit")}</button>
      <button type="button" class="button ghost small" onClick=${() => taken(message.client_id)}>${t("message.remove")}</button>
    </div>
  </div>`;
}
