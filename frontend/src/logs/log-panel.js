import { useState } from "preact/hooks";
import { UserText } from "../components/user-text.js";
import { formatBytes, formatCount, formatMoment, formatMoney, formatPeriod } from "../format.js";
import { html } from "../html.js";
import { assume, chosenAssumptions, chosenLog, needsModel } from "../state/choices.js";
import { notifyError } from "../state/notices.js";
import { NEW, openThread } from "../state/route.js";
import { storage } from "../state/storage-quota.js";
import { activeTransfer } from "../state/transfers.js";
import { t } from "../texts.js";
import { AssumptionsForm, ModelQuestion } from "./assumptions.js";
import { Columns } from "./columns.js";
import { LogError } from "./log-error.js";
import { countRejectedRows, hasSpend } from "./log-facts.js";
import { LogInvoice } from "./log-invoice.js";
import { MappingDialog } from "./mapping-dialog.js";
import { ReadingProgress } from "./reading-progress.js";
import { UploadingFacts } from "./upload-progress.js";

/** The right column: the selected log. */
export function LogPanel() {
  const log = chosenLog.value;
  const transfer = activeTransfer.value;
  if (transfer !== null) return html`<div class="panel"><h2>${t("panel.title")}</h2><${UploadingFacts} transfer=${transfer} /><${StorageUse} /></div>`;
  if (log === null) return html`<div class="panel"><h2>${t("panel.title")}</h2><p class="quiet">${t("panel.none")}</p><${StorageUse} /></div>`;
  return html`<div class="panel">
    <h2>${t("panel.title")}</h2>
    <p class="panel-name"><${UserText}>${log.name}<//></p>
    <${Facts} log=${log} />
    ${log.state === "failed" && html`<${LogError} log=${log} />`}
    ${["queued", "reading"].includes(log.state) && html`<${ReadingProgress} log=${log} />`}
    ${log.state === "ready" && log.error && html`<p class="message bad"><bdi dir="auto">${log.error.message}</bdi></p>`}
    ${log.source && log.state === "ready" && html`<${LogDetails} key=${log.id} log=${log} />`}
    <${StorageUse} />
  </div>`;
}

const describeUnpriced = (n) => (n === null ? t("panel.unknown") : t("count.requests", { n }));

function Facts({ log }) {
  const { source, spend } = log;
  const facts = [
    source && [t("panel.requests"), source.requests === null ? t("panel.unknown") : formatCount(source.requests)],
    source && formatPeriod(source) && [t(source.relative_clock ? "panel.length" : "panel.span"), formatPeriod(source)],
    hasSpend(spend) && [t("panel.spend"), formatMoney(spend.total, spend.currency)],
    spend && spend.unpriced_requests !== 0 && [t("panel.unpriced"), describeUnpriced(spend.unpriced_requests)],
    source && source.models > 0 && [t("panel.models"), formatCount(source.models)],
    source && [t("panel.format"), source.format_title ?? source.format],
    [t("panel.size"), formatBytes(log.size)],
    [t("panel.uploaded"), formatMoment(log.created_at)],
  ].filter(Boolean);
  return html`<dl class="facts">
    ${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd class="figure">${value}</dd></div>`)}
  </dl>`;
}

function LogDetails({ log }) {
  const [mapping, setMapping] = useState(false);
  const assumptions = chosenAssumptions.value;
  return html`
    ${log.source.synthetic && html`<p class="message info">${t("panel.synthetic")}</p>`}
    ${openThread.value !== NEW && needsModel(log, assumptions) && html`<${ModelQuestion} onChoose=${(model) => void assume(log.id, { assume_model: model }).catch(notifyError)} />`}
    <${AssumptionsForm} key=${log.id} log=${log} />
    <${LogInvoice} key=${`invoice ${log.id}`} log=${log} />
    <${Columns} log=${log} />
    ${log.can_reread && html`<button type="button" class="button small" onClick=${() => setMapping(true)}>${t("mapping.correct")}</button>`}
    <${Remarks} source=${log.source} />
    ${mapping && html`<${MappingDialog} log=${log} onClose=${() => setMapping(false)} />`}
  `;
}

/** Notes about the log, and the rows that were skipped. */
function Remarks({ source }) {
  const rejected = countRejectedRows(source);
  return html`
    ${source.notes.length > 0 &&
    html`<details class="fold" open>
      <summary>${t("remarks.notes", { n: source.notes.length })}</summary>
      <ul class="notes">${source.notes.map((note) => html`<li key=${note}><${UserText}>${note}<//></li>`)}</ul>
    </details>`}
    ${rejected > 0 &&
    html`<details class="fold">
      <summary>${t("remarks.rejected", { n: rejected })}</summary>
      <ul class="notes">
        ${source.rejected.map(
          (one) => html`<li key=${one.why}>
            <${UserText}>${one.why}<//>: <span class="figure">${formatCount(one.rows)}</span>
            ${(one.examples ?? []).length > 0 && html`<code class="example"><${UserText}>${one.examples.map(String).join(", ")}<//></code>`}
          </li>`,
        )}
      </ul>
    </details>`}
  `;
}

/** How much of the user's storage is used. */
function StorageUse() {
  const room = storage.value;
  if (room === null) return null;
  const label = t("storage.used", { used: formatBytes(room.used_bytes), limit: formatBytes(room.limit_bytes) });
  const full = room.used_bytes >= room.limit_bytes;
  return html`<div class=${`storage${full ? " full" : ""}`}>
    <progress max=${Math.max(room.limit_bytes, 1)} value=${Math.min(room.used_bytes, room.limit_bytes)} aria-label=${t("storage.label")}>${label}</progress>
    <p class="quiet figure">${label}</p>
    ${full && html`<p class="message bad">${t("storage.full")}</p>`}
  </div>`;
}
