/** The text of an answer while a language model writes it. The server has matched its numbers already and marks those that nothing backs. */
import { html } from "../html.js";
import { Markdown } from "../report/markdown.js";
import { t } from "../texts.js";
import { closeOpenMarks, isHeadline } from "./selectors/text.js";

export function AnswerSoFar({ text, writing }) {
  return html`<div class="ending"><div class="rp an" aria-busy=${writing}>
    <div class=${isHeadline(text) ? "an-text headline" : "an-text"}><${Markdown} text=${writing ? closeOpenMarks(text) : text} /></div>
    ${writing && html`<p class="an-writing quiet"><span class="spinner" aria-hidden="true"></span> ${t("answer.writing")}</p>`}
  </div></div>`;
}
