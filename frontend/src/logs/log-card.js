import { useState } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { UserText } from "../components/user-text.js";
import { html } from "../html.js";
import { assume, chosenAssumptions, confirmMapping, isConfirmed, needsModel } from "../state/choices.js";
import { announce, notifyError } from "../state/notices.js";
import { t } from "../texts.js";
import { ModelQuestion } from "./assumptions.js";
import { formatFieldName } from "./columns.js";
import { LogError } from "./log-error.js";
import { describeLog, describeRejectedRows, listReadColumns, listUnanswerable } from "./log-facts.js";
import { MappingDialog } from "./mapping-dialog.js";
import { ReadingProgress } from "./reading-progress.js";

/** The selected log, and what it still needs from the user. */
export function LogCard({ log }) {
  const assumptions = chosenAssumptions.value;
  return html`<section class=${`log-card ${log.state}`} aria-label=${t("log.card")}>
    <p class="log-card-name"><${Icon} name="file" /> <${UserText}>${log.name}<//></p>
    ${log.state === "failed" && html`<${LogError} log=${log} />`}
    ${["queued", "reading"].includes(log.state) && html`<${ReadingProgress} log=${log} />`}
    ${log.state === "ready" && html`<${ReadyLog} log=${log} assumptions=${assumptions} />`}
  </section>`;
}

function ReadyLog({ log, assumptions }) {
  const { source } = log;
  const rejected = describeRejectedRows(source);
  return html`
    <p class="log-card-facts figure">${describeLog(log, assumptions).join(" · ")}</p>
    ${log.error && html`<p class="message bad"><bdi dir="auto">${log.error.message}</bdi></p>`}
    ${rejected !== null && html`<p class="message warn"><bdi dir="auto">${rejected}</bdi></p>`}
    ${!isAsked(log) && html`<${UnreadColumns} source=${source} />`}
    ${needsModel(log, assumptions) && html`<${ModelQuestion} onChoose=${(model) => void assume(log.id, { assume_model: model }).catch(notifyError)} />`}
  `;
}

/** Whether the user is asked to confirm the mapping. */
const isAsked = (log) => log.state === "ready" && log.source?.guessed === true && !isConfirmed(log);

/** The mapping that was matched by column names, to confirm or change: by the file's columns, with a few values each. */
export function GuessedMapping({ log }) {
  const [correcting, setCorrecting] = useState(false);
  if (!isAsked(log)) return null;
  const right = () => {
    confirmMapping(log);
    announce(t("guess.confirmed"));
  };
  return html`<div class="message info guess">
    <p>${t("guess.question")}</p>
    <${ReadColumns} log=${log} />
    <${UnreadColumns} source=${log.source} />
    <${OtherColumns} source=${log.source} />
    <${Unanswerable} source=${log.source} />
    <div class="run-actions">
      <button type="button" class="button small" onClick=${right}>${t("guess.right")}</button>
      ${log.can_reread && html`<button type="button" class="button ghost small" onClick=${() => setCorrecting(true)}>${t("mapping.correct")}</button>`}
    </div>
    ${correcting && html`<${MappingDialog} log=${log} onClose=${() => setCorrecting(false)} />`}
  </div>`;
}

function ReadColumns({ log }) {
  return html`<ul class="guess-columns" tabindex="0" aria-label=${t("guess.columns")}>
    ${listReadColumns(log).map(({ field, column, examples }) => html`<li key=${field}>
      <strong><${UserText}>${column}<//></strong>
      <span>${t("guess.means", { field: formatFieldName(field) })}</span>
      ${examples.length > 0 && html`<code><${UserText}>${examples.join(" · ")}<//></code>`}
    </li>`)}
  </ul>`;
}

/** What seems to bear on the cost and was not read, with a value each: the figures may lack it. */
function UnreadColumns({ source }) {
  const unread = source.unread ?? [];
  return unread.length > 0 && html`<div class="guess-unread" role="note">
    <p><${Icon} name="alert" size=${14} /> ${t("guess.unread", { n: unread.length })}</p>
    <ul>${unread.map(({ name, example }) => html`<li key=${name}><strong><${UserText}>${name}<//></strong> ${example !== "" && html`<code><${UserText}>${example}<//></code>`}</li>`)}</ul>
  </div>`;
}

/** The other columns by whose values the spend can be divided, and those that nothing was read from. */
function OtherColumns({ source }) {
  const kept = source.kept ?? [];
  const unread = new Set((source.unread ?? []).map(({ name }) => name));
  const ignored = source.ignored.filter((name) => !unread.has(name) && !kept.includes(name));
  return html`
    ${kept.length > 0 && html`<p class="quiet">${t("guess.kept")} <${UserText}>${kept.join(", ")}<//></p>`}
    ${ignored.length > 0 && html`<p class="quiet">${t("guess.ignored")} <${UserText}>${ignored.join(", ")}<//></p>`}`;
}

function Unanswerable({ source }) {
  const missing = listUnanswerable(source);
  return missing.length > 0 && html`<p class="quiet">${t("guess.missing", { what: missing.map((name) => t(`guess.without.${name}`)).join(", ") })}</p>`;
}
