import { useState } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { html } from "../html.js";
import { GuessedMapping, LogCard } from "../logs/log-card.js";
import { listQuestions } from "../logs/log-facts.js";
import { askAboutSample } from "../logs/sample.js";
import { UploadButton } from "../logs/upload-controls.js";
import { UploadingCard } from "../logs/upload-progress.js";
import { chosenLog } from "../state/choices.js";
import { notifyError } from "../state/notices.js";
import { askQuestion } from "../state/outbox.js";
import { activeTransfer } from "../state/transfers.js";
import { t } from "../texts.js";

/** The start page: an upload, the selected log, and suggested questions. */
export function NewConversation() {
  const log = chosenLog.value;
  return html`<div class="start">
    <h1>${t("start.title")}</h1>
    <p class="lead">${t("start.lead")}</p>
    ${activeTransfer.value !== null
      ? html`<${UploadingCard} transfer=${activeTransfer.value} />`
      : log === null ? html`<${NoLog} />` : html`<${LogCard} log=${log} />`}
    <${Questions} />
    ${activeTransfer.value === null && log !== null && html`<${GuessedMapping} key=${log.id} log=${log} />`}
  </div>`;
}

function NoLog() {
  return html`<div class="start-drop">
    <${Icon} name="upload" size=${26} />
    <p><strong>${t("upload.drop")}</strong></p>
    <p class="quiet">${t("upload.formats")}</p>
    <${UploadButton} primary=${true} />
  </div>`;
}

function Questions() {
  const [busy, setBusy] = useState(false);
  // A log that could not be read can't answer questions.
  const sample = activeTransfer.value === null && (chosenLog.value === null || chosenLog.value.state === "failed");
  const choose = async (text) => {
    if (!sample) return askQuestion(text);
    setBusy(true);
    try {
      await askAboutSample(text);
    } catch (error) {
      notifyError(error);
    }
    setBusy(false);
  };
  return html`<section class="start-questions" aria-labelledby="start-questions">
    <h2 id="start-questions">${t(sample ? "sample.title" : "start.questions")}</h2>
    ${sample && html`<p class="quiet">${t("sample.about")}</p>`}
    <ul class="choices">
      ${listQuestions(sample ? null : chosenLog.value?.source).map(
        (key) => html`<li key=${key}>
          <button type="button" class="choice" disabled=${busy} onClick=${() => void choose(t(key))}>
            <span>${t(key)}</span> <${Icon} name="chevron" size=${16} />
          </button>
        </li>`,
      )}
    </ul>
    ${busy && html`<p class="wait" role="status"><span class="spinner" aria-hidden="true"></span> ${t("sample.creating")}</p>`}
  </section>`;
}
