/** Whether an answer, or a lever of a report, was helpful: two buttons, and room for a reason. */
import { useComputed } from "@preact/signals";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { api } from "../api.js";
import { Icon } from "../components/icon.js";
import { html } from "../html.js";
import { announce, notifyError } from "../state/notices.js";
import { changeOne, runs } from "../state/store.js";
import { t } from "../texts.js";

const MOST_CHARACTERS = 1000;

/** `lever`: the name of a lever of the run's report; empty for the answer. */
export function Feedback({ runId, lever = "" }) {
  const [asking, setAsking] = useState(false);
  const given = useComputed(() => (runs.value[runId]?.feedback ?? []).find((one) => one.lever === lever) ?? null).value;
  const choose = async (helpful) => {
    const again = given?.helpful === helpful;
    setAsking(!again);
    await send(runId, { lever, helpful: again ? null : helpful });
  };
  const explain = async (reason) => {
    setAsking(false);
    if (reason !== "" && (await send(runId, { lever, helpful: given?.helpful ?? false, reason }))) announce(t("feedback.thanks"));
  };
  return html`<div class="feedback">
    <div class="feedback-buttons" role="group" aria-label=${t(lever ? "feedback.lever" : "feedback.answer")}>
      <${Thumb} name="thumbUp" label=${t("feedback.helpful")} pressed=${given?.helpful === true} onClick=${() => void choose(true)} />
      <${Thumb} name="thumbDown" label=${t("feedback.unhelpful")} pressed=${given?.helpful === false} onClick=${() => void choose(false)} />
    </div>
    ${asking && given && html`<${Reason} helpful=${given.helpful} onDone=${(reason) => void explain(reason)} />`}
  </div>`;
}

function Thumb({ name, label, pressed, onClick }) {
  return html`<button type="button" class="button ghost small" aria-pressed=${pressed} aria-label=${label} title=${label} onClick=${onClick}>
    <${Icon} name=${name} size=${16} />
  </button>`;
}

function Reason({ helpful, onDone }) {
  const [text, setText] = useState("");
  const hint = useId();
  const form = useRef(null);
  useEffect(() => form.current.scrollIntoView({ block: "nearest" }), []);
  return html`<form class="feedback-reason" ref=${form} onSubmit=${(event) => (event.preventDefault(), onDone(text.trim()))}>
    <label class="field"><span>${t(helpful ? "feedback.why.helpful" : "feedback.why.unhelpful")}</span>
      <textarea rows="2" dir="auto" maxlength=${MOST_CHARACTERS} aria-describedby=${hint} value=${text} onInput=${(event) => setText(event.currentTarget.value)}></textarea>
    </label>
    <p class="quiet" id=${hint}>${t("feedback.who")}</p>
    <div class="run-actions">
      <button class="button small primary" disabled=${text.trim() === ""}>${t("feedback.send")}</button>
      <button type="button" class="button ghost small" onClick=${() => onDone("")}>${t("close")}</button>
    </div>
  </form>`;
}

/** Shows the opinion at once, and takes it back if it can't be stored. Returns whether it was stored. */
async function send(runId, body) {
  const before = runs.value[runId].feedback ?? [];
  const others = before.filter((one) => one.lever !== body.lever);
  changeOne("runs", runId, { feedback: body.helpful === null ? others : [...others, { reason: "", ...body }] });
  try {
    const { results } = await api.put(`runs/${encodeURIComponent(runId)}/feedback/`, body);
    changeOne("runs", runId, { feedback: results });
    return true;
  } catch (error) {
    changeOne("runs", runId, { feedback: before });
    notifyError(error);
    return false;
  }
}
