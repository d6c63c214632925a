import { useState } from "preact/hooks";
import { bytes, count, money, moment, span } from "../format.js";
import { html } from "../html.js";
import { UserText } from "../parts/user-text.js";
import { NEW, openThread } from "../state/route.js";
import { assume, chosenAssumptions, chosenLog, needsModel } from "../state/choices.js";
import { arriving } from "../state/transfers.js";
import { t } from "../texts.js";
import { ArrivingFacts } from "./arriving.js";
import { Columns } from "./columns.js";
import { MappingDialog } from "./mapping.js";
import { WhichModel } from "./model.js";
import { Prices } from "./prices.js";
import { Remarks } from "./remarks.js";
import { StorageUse } from "./storage.js";
import { LogTrouble } from "./trouble.js";

/** Right: what is being analysed. */
export function LogPanel() {
  const log = chosenLog.value;
  const transfer = arriving.value;
  if (transfer !== null) return html`<div class="panel"><h2>${t("panel.title")}</h2><${ArrivingFacts} transfer=${transfer} /><${StorageUse} /></div>`;
  if (log === null) return html`<div class="panel"><h2>${t("panel.title")}</h2><p class="quiet">${t("panel.none")}</p><${StorageUse} /></div>`;
  return html`<div class="panel">
    <h2>${t("panel.title")}</h2>
    <p class="panel-name"><${UserText}>${log.name}<//></p>
    <${Facts} log=${log} />
    ${log.state === "failed" && html`<${LogTrouble} log=${log} />`}
    ${["queued", "reading"].includes(log.state) && html`<p class="wait"><span class="spinner" aria-hidden="true"></span> ${t(`log.wait.${log.state}`)}</p>`}
    ${log.state === "ready" && log.error && html`<p class="message bad"><bdi dir="auto">${log.error.message}</bdi></p>`}
    ${log.source && log.state === "ready" && html`<${Read} key=${log.id} log=${log} />`}
    <${StorageUse} />
  </div>`;
}

function Facts({ log }) {
  const { source, spend } = log;
  const facts = [
    source && [t("panel.requests"), count(source.rows)],
    source && span(source) && [t(source.relative_clock ? "panel.length" : "panel.span"), span(source)],
    spend && spend.priced_requests > 0 && [t("panel.spend"), money(spend.total, spend.currency)],
    spend && spend.unpriced_requests > 0 && [t("panel.unpriced"), t("count.requests", { n: spend.unpriced_requests })],
    source && source.models > 0 && [t("panel.models"), count(source.models)],
    source && [t("panel.format"), source.format_title ?? source.format],
    [t("panel.size"), bytes(log.size)],
    [t("panel.uploaded"), moment(log.created_at)],
  ].filter(Boolean);
  return html`<dl class="facts">
    ${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd class="figure">${value}</dd></div>`)}
  </dl>`;
}

function Read({ log }) {
  const [mapping, setMapping] = useState(false);
  const assumptions = chosenAssumptions.value;
  return html`
    ${log.source.synthetic && html`<p class="message info">${t("panel.synthetic")}</p>`}
    ${openThread.value !== NEW && needsModel(log, assumptions) && html`<${WhichModel} onChoose=${(model) => assume(log.id, { ...assumptions, assume_model: model })} />`}
    <${Prices} key=${log.id} log=${log} />
    <${Columns} log=${log} />
    ${log.can_reread && html`<button type="button" class="button small" onClick=${() => setMapping(true)}>${t("mapping.correct")}</button>`}
    <${Remarks} source=${log.source} />
    ${mapping && html`<${MappingDialog} log=${log} onClose=${() => setMapping(false)} />`}
  `;
}
