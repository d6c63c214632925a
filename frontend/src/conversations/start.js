import { useState } from "preact/hooks";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { ArrivingCard } from "../logs/arriving.js";
import { LogCard } from "../logs/card.js";
import { BringButton } from "../logs/bring.js";
import { trySample } from "../logs/sample.js";
import { chosenLog } from "../state/choices.js";
import { notifyError } from "../state/notices.js";
import { ask } from "../state/sending.js";
import { arriving } from "../state/transfers.js";
import { t } from "../texts.js";

export const QUESTIONS = ["ask.where", "ask.cut", "ask.failed"];

/** A new conversation: what can be done here, and three questions worth asking. */
export function Start() {
  const log = chosenLog.value;
  return html`<div class="start">
    <h1>${t("start.title")}</h1>
    <p class="lead">${t("start.lead")}</p>
    ${arriving.value !== null
      ? html`<${ArrivingCard} transfer=${arriving.value} />`
      : log === null ? html`<${NoLog} />` : html`<${LogCard} log=${log} />`}
    <${Questions} />
  </div>`;
}

function NoLog() {
  return html`<div class="start-drop">
    <${Icon} name="upload" size=${26} />
    <p><strong>${t("upload.drop")}</strong></p>
    <p class="quiet">${t("upload.formats")}</p>
    <${BringButton} primary=${true} />
  </div>`;
}

function Questions() {
  const [busy, setBusy] = useState(false);
  // Of a log that could not be read nothing can be asked.
  const sample = arriving.value === null && (chosenLog.value === null || chosenLog.value.state === "failed");
  const choose = async (text) => {
    if (!sample) return ask(text);
    setBusy(true);
    try {
      await trySample(text);
    } catch (error) {
      notifyError(error);
    }
    setBusy(false);
  };
  return html`<section class="start-questions" aria-labelledby="start-questions">
    <h2 id="start-questions">${t(sample ? "sample.title" : "start.questions")}</h2>
    ${sample && html`<p class="quiet">${t("sample.about")}</p>`}
    <ul class="choices">
      ${QUESTIONS.map(
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
