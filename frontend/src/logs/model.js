import { useId, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../texts.js";

/** Models that are asked for often; any other can be typed. */
export const COMMON_MODELS = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "claude-sonnet-4-5", "claude-haiku-4-5", "gemini-2.5-flash"];

/** "No model column: which model?" - answered by one click. */
export function WhichModel({ onChoose }) {
  const heading = useId();
  const [name, setName] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (name.trim()) onChoose(name.trim());
  };
  return html`<div class="which-model" role="group" aria-labelledby=${heading}>
    <p id=${heading}><strong>${t("model.which")}</strong> ${t("model.why")}</p>
    <div class="chips">
      ${COMMON_MODELS.map((model) => html`<button key=${model} type="button" class="chip" onClick=${() => onChoose(model)}>${model}</button>`)}
    </div>
    <form class="inline-form" onSubmit=${submit}>
      <input value=${name} onInput=${(event) => setName(event.currentTarget.value)} aria-label=${t("model.other")}
        placeholder=${t("model.other")} maxlength="200" autocomplete="off" spellcheck=${false} />
      <button class="button small" disabled=${name.trim() === ""}>${t("use")}</button>
    </form>
  </div>`;
}
