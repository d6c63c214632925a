import { useState } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { chooseLog } from "../state/choices.js";
import { notifyError } from "../state/notices.js";
import { ask } from "../state/sending.js";
import { takeOne } from "../state/store.js";
import { t } from "../texts.js";

/** Makes a sample log of the user's own and asks about it; the question waits until the log is read. */
export async function trySample(text) {
  const log = await makeSample();
  ask(text, { workloadId: log.id, assumptions: {} });
}

async function makeSample() {
  const log = await api.post("workloads/sample/");
  takeOne("workloads", log);
  chooseLog(log.id);
  return log;
}

export function SampleButton() {
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    await makeSample().catch(notifyError);
    setBusy(false);
  };
  return html`<button type="button" class="button ghost small" disabled=${busy} onClick=${make}>${t(busy ? "sample.creating" : "sample.create")}</button>`;
}
