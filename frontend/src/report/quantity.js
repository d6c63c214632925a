/** A number that only the user knows, with a field for it: an answer is a message, which is kept with the log and asks again. */
import { useId, useState } from "preact/hooks";
import { formatNumber } from "../format.js";
import { html } from "../html.js";
import { fillReply } from "./selectors/questions.js";
import { t } from "./texts.js";

export function Quantity({ quantity, onAsk }) {
  return html`<li class="rp-question">
    <p class="rp-do">${quantity.question}</p>
    ${quantity.finding && html`<p class="rp-worth">${quantity.finding}</p>`}
    <div class="rp-replies">
      ${quantity.answer !== null
        ? html`<span>${t("questions.saidNumber", { value: `${formatNumber(quantity.answer)} ${t(`questions.unit.${quantity.unit}`)}` })}</span>
            ${onAsk && html`<button type="button" class="rp-tool" onClick=${() => onAsk(quantity.replies.forget)}>${t("questions.forget")}</button>`}`
        : onAsk && html`<${NumberForm} quantity=${quantity} onAsk=${onAsk} />`}
    </div>
  </li>`;
}

function NumberForm({ quantity, onAsk }) {
  const id = useId();
  const [wrong, setWrong] = useState(false);
  const submit = (event) => {
    event.preventDefault();
    const reply = fillReply(quantity, new FormData(event.currentTarget).get("number"));
    setWrong(reply === null);
    if (reply !== null) onAsk(reply);
  };
  return html`<form class="rp-number" onSubmit=${submit}>
    <input name="number" inputmode="decimal" autocomplete="off" aria-label=${quantity.question} aria-invalid=${wrong} aria-describedby=${wrong ? id : null} />
    <span>${t(`questions.unit.${quantity.unit}`)}</span>
    <button class="rp-tool">${t("questions.save")}</button>
    ${wrong && html`<span id=${id} class="rp-soft" role="alert">${t("questions.notNumber")}</span>`}
  </form>`;
}
