import { useState } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { chooseLog } from "../state/choices.js";
import { notifyError } from "../state/notices.js";
import { askQuestion } from "../state/outbox.js";
import { takeOne } from "../state/store.js";
import { t } from "../texts.js";

/** Creates a sample log for the user and asks about it. The question waits until the log has been read. */
export async function askAboutSample(text) {
  const log = await createSample();
  askQuestion(text, { workloadId: log.id, assumptions: {} });
}

async function createSample() {
  const log = await api.post("workloads/sample/");
  takeOne("workloads", log);
  chooseLog(log.id);
  return log;
}

export function SampleButton() {
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    await createSample().catch(notifyError);
    setBusy(false);
  };
  return html`<button type="button" class="button ghost small" disabled=${busy} onClick=${make}>${t(busy ? "sample.creating" : "sample.create")}</button>`;
}
