import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { html } from "../html.js";
import { uploadFile } from "../logs/transfer.js";
import { StopButton } from "../run/stop-button.js";
import { getDraft, saveDraft } from "../state/drafts.js";
import { me } from "../state/me.js";
import { askQuestion, outbox } from "../state/outbox.js";
import { NEW, openThread } from "../state/route.js";
import { openRun } from "../state/store.js";
import { t } from "../texts.js";
import { LogChip } from "./log-chip.js";

const LINES_OF_A_LOG = 5;

export function Composer({ onLog }) {
  const input = useRef(null);
  const [pasted, setPasted] = useState(null);
  const threadId = openThread.value;
  const text = getDraft(threadId);
  const most = me.value.limits.message_chars;
  const beginning = threadId === NEW && outbox.value.some((one) => one.thread_id === null && one.refused === null);
  const running = openRun.value;
  useEffect(() => fitHeight(input.current), [text]);

  const send = () => {
    if (text.trim() === "" || text.length > most || beginning) return;
    saveDraft(threadId, "");
    askQuestion(text.trim());
  };
  const keys = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  const paste = (event) => {
    const value = event.clipboardData?.getData("text") ?? "";
    if (value.split("\n", LINES_OF_A_LOG + 1).length > LINES_OF_A_LOG && (value.length > most || /^[{\[]|,/.test(value))) {
      event.preventDefault();
      setPasted(value);
    }
  };
  return html`<form class="composer" onSubmit=${(event) => (event.preventDefault(), send())} aria-label=${t("composer.label")}>
    ${pasted !== null && html`<${PastedText} text=${pasted} onDone=${() => setPasted(null)} onText=${() => saveDraft(threadId, text + pasted)} />`}
    <div class="composer-box">
      <textarea id="question" ref=${input} rows="1" dir="auto" value=${text} aria-label=${t("composer.question")}
        placeholder=${t(threadId === NEW ? "composer.placeholder" : "composer.placeholderNext")}
        aria-describedby="composer-hint" aria-invalid=${text.length > most ? "true" : null}
        onInput=${(event) => saveDraft(threadId, event.currentTarget.value)} onKeyDown=${keys} onPaste=${paste}></textarea>
      <div class="composer-row">
        <${LogChip} onLog=${onLog} />
        <span class="composer-buttons">
          ${running && html`<${StopButton} run=${running} />`}
          <button class="button primary square" disabled=${text.trim() === "" || text.length > most || beginning} aria-label=${t("composer.send")} title=${t("composer.send")}>
            <${Icon} name="send" />
          </button>
        </span>
      </div>
    </div>
    ${text.length > most
      ? html`<p class="composer-hint" id="composer-hint"><span class="bad-text">${t("composer.tooLong", { n: text.length - most, most })}</span></p>`
      : html`<${Disclosure} model=${me.value.model} />`}
  </form>`;
}

/** What leaves the machine: nothing, or in short that figures are sent to a language model, which opens to what exactly. */
function Disclosure({ model: { name, notice } }) {
  if (notice === null) return html`<p class="composer-hint" id="composer-hint">${t("composer.offline")}</p>`;
  return html`<details class="composer-hint">
    <summary><span id="composer-hint">${t("composer.model", { model: name })}</span> <span class="composer-more">${t("composer.sent")}</span></summary>
    <p>${notice}</p>
  </details>`;
}

function fitHeight(element) {
  element.style.height = "auto";
  element.style.height = `${element.scrollHeight}px`;
}

/** Asks whether pasted text that looks like a log is one. */
function PastedText({ text, onDone, onText }) {
  const read = () => {
    const kind = /^\s*[{[]/.test(text) ? "jsonl" : "csv";
    void uploadFile(new File([text], `pasted.${kind}`, { lastModified: Date.now() }));
    onDone();
  };
  const keepAsText = () => {
    onText();
    onDone();
  };
  return html`<div class="message info pasted" role="status">
    <p>${t("pasted.question", { n: text.trimEnd().split("\n").length })}</p>
    <div class="run-actions">
      <button type="button" class="button small primary" onClick=${read}>${t("pasted.upload")}</button>
      <button type="button" class="button ghost small" onClick=${keepAsText}>${t("pasted.keep")}</button>
      <button type="button" class="button ghost small" onClick=${onDone}>${t("cancel")}</button>
    </div>
  </div>`;
}
