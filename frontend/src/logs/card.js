import { count } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { UserText } from "../parts/user-text.js";
import { assume, chosenAssumptions, needsModel } from "../state/choices.js";
import { isConfirmed } from "../state/confirmed.js";
import { t } from "../texts.js";
import { factsOf, rejectedRows } from "./facts.js";
import { Guess } from "./guess.js";
import { LogTrouble } from "./trouble.js";
import { WhichModel } from "./model.js";

/** The log that a conversation is about, and what it still needs to be told. */
export function LogCard({ log }) {
  const assumptions = chosenAssumptions.value;
  return html`<section class=${`log-card ${log.state}`} aria-label=${t("log.card")}>
    <p class="log-card-name"><${Icon} name="file" /> <${UserText}>${log.name}<//></p>
    ${log.state === "failed" && html`<${LogTrouble} log=${log} />`}
    ${["queued", "reading"].includes(log.state) &&
    html`<p class="wait" role="status"><span class="spinner" aria-hidden="true"></span> ${t(`log.wait.${log.state}`)}</p>`}
    ${log.state === "ready" && html`<${Ready} log=${log} assumptions=${assumptions} />`}
  </section>`;
}

function Ready({ log, assumptions }) {
  const { source } = log;
  const rejected = rejectedRows(source);
  return html`
    <p class="log-card-facts figure">${factsOf(log, assumptions).join(" · ")}</p>
    ${source.guessed && !isConfirmed(log) && html`<${Guess} log=${log} />`}
    ${rejected > 0 && html`<p class="message warn">${t("log.rejected", { n: rejected, rows: count(rejected) })}</p>`}
    ${needsModel(log, assumptions) && html`<${WhichModel} onChoose=${(model) => assume(log.id, { ...assumptions, assume_model: model })} />`}
  `;
}
