import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { StopButton } from "../run/stop.js";
import { draft, draftOf } from "../state/drafts.js";
import { me } from "../state/me.js";
import { outbox } from "../state/outbox.js";
import { NEW, openThread } from "../state/route.js";
import { ask } from "../state/sending.js";
import { t } from "../texts.js";
import { LogChip } from "./chip.js";
import { openRun } from "../state/open.js";
import { Pasted } from "./pasted.js";

const LINES_OF_A_LOG = 5;

export function Composer({ onLog }) {
  const input = useRef(null);
  const [pasted, setPasted] = useState(null);
  const threadId = openThread.value;
  const text = draftOf(threadId);
  const most = me.value.limits.message_chars;
  const beginning = threadId === NEW && outbox.value.some((one) => one.thread_id === null && one.refused === null);
  const running = openRun.value;
  useEffect(() => fitHeight(input.current), [text]);

  const send = () => {
    if (text.trim() === "" || text.length > most || beginning) return;
    draft(threadId, "");
    ask(text.trim());
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
    ${pasted !== null && html`<${Pasted} text=${pasted} onDone=${() => setPasted(null)} onText=${() => draft(threadId, text + pasted)} />`}
    <div class="composer-box">
      <textarea id="question" ref=${input} rows="1" dir="auto" value=${text} aria-label=${t("composer.question")}
        placeholder=${t(threadId === NEW ? "composer.placeholder" : "composer.placeholderNext")}
        aria-describedby="composer-hint" aria-invalid=${text.length > most ? "true" : null}
        onInput=${(event) => draft(threadId, event.currentTarget.value)} onKeyDown=${keys} onPaste=${paste}></textarea>
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
    <p class="composer-hint" id="composer-hint">
      ${text.length > most ? html`<span class="bad-text">${t("composer.tooLong", { n: text.length - most, most })}</span>` : me.value.model.notice ?? t("composer.offline")}
    </p>
  </form>`;
}

function fitHeight(element) {
  element.style.height = "auto";
  element.style.height = `${element.scrollHeight}px`;
}
