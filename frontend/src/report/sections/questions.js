/** What only the user can answer, by a click or a number: an answer is a message, which is kept with the log and asks again. */
import { formatMoney } from "../../format.js";
import { html } from "../../html.js";
import { Section } from "../elements.js";
import { Quantity } from "../quantity.js";
import { listQuantities, listQuestions } from "../selectors/questions.js";
import { t } from "../texts.js";

export function Questions({ report, onAsk }) {
  const found = listQuestions(report);
  const quantities = listQuantities(report);
  if (!found.length && !quantities.length) return null;
  return html`<${Section} title=${t("questions.heading")} note=${t("questions.note")}>
    <ul class="rp-questions">${found.map((one) => html`<${Question} question=${one} onAsk=${onAsk} />`)}
      ${quantities.map((one) => html`<${Quantity} key=${`${one.lever} ${one.scope}`} quantity=${one} onAsk=${onAsk} />`)}</ul>
  <//>`;
}

function Question({ question, onAsk }) {
  return html`<li class="rp-question">
    <p class="rp-do">${question.question}</p>
    <p class="rp-worth">${question.finding}</p>
    <div class="rp-replies" role="group" aria-label=${question.question}>
      ${question.answer === null ? html`<${OpenReplies} question=${question} onAsk=${onAsk} />` : html`<${Answered} question=${question} onAsk=${onAsk} />`}
    </div>
  </li>`;
}

function OpenReplies({ question, onAsk }) {
  if (!onAsk || !question.replies.yes) return html`<span class="rp-soft">${t("questions.open", { usd: formatMoney(question.saving) })}</span>`;
  return html`
    <button type="button" class="rp-tool" onClick=${() => onAsk(question.replies.yes)}>${t("questions.yes", { usd: formatMoney(question.saving) })}</button>
    <button type="button" class="rp-tool" onClick=${() => onAsk(question.replies.no)}>${t("questions.no")}</button>`;
}

function Answered({ question, onAsk }) {
  return html`<span>${t(question.answer ? "questions.saidYes" : "questions.saidNo")}</span>
    ${onAsk && question.replies.forget && html`<button type="button" class="rp-tool" onClick=${() => onAsk(question.replies.forget)}>${t("questions.forget")}</button>`}`;
}
