import { Icon } from "../components/icon.js";
import { UserText } from "../components/user-text.js";
import { formatBytes } from "../format.js";
import { html } from "../html.js";
import { notifyError } from "../state/notices.js";
import { t } from "../texts.js";
import { discardUpload, dismissTransfer } from "./transfer.js";
import { UploadButton } from "./upload-controls.js";

/** A file that is being uploaded. */
export function UploadItem({ transfer }) {
  return html`<li class=${`item upload ${transfer.state}`}>
    <${UserText} className="item-name">${transfer.name}<//>
    <${UploadProgress} transfer=${transfer} />
  </li>`;
}

/** The progress of an upload, and its actions. */
function UploadProgress({ transfer }) {
  const { name, size, sent, state, uploadId } = transfer;
  const progress = t("upload.progress", { sent: formatBytes(sent), size: formatBytes(size) });
  const facts = describeTransfer(transfer, progress);
  return html`<progress max=${size} value=${sent} aria-label=${t("upload.label", { name })}>${progress}</progress>
    <p class="item-facts figure">${facts}</p>
    <div class="item-actions">
      ${state === "failed" && html`<button type="button" class="button ghost small" onClick=${() => dismissTransfer(transfer)}>${t("dismiss")}</button>`}
      ${state !== "failed" && uploadId && html`<${DiscardButton} id=${uploadId} label=${t("cancel")} />`}
    </div>`;
}

/** What was refused before it began has nothing uploaded to speak of. */
function describeTransfer({ state, error, sent }, progress) {
  if (state === "sending" || state === "starting") return progress;
  return state === "failed" && sent === 0 ? error : t(`upload.${state}`, { error, sent: formatBytes(sent) });
}

/** An unfinished upload. It resumes when the same file is chosen again. */
export function UnfinishedUpload({ upload }) {
  const { id, name, size, offset } = upload;
  return html`<li class="item upload">
    <${UserText} className="item-name">${name}<//>
    <progress max=${size} value=${offset} aria-label=${t("upload.label", { name })}></progress>
    <p class="item-facts figure">${t("upload.unfinished", { sent: formatBytes(offset), size: formatBytes(size) })}</p>
    <div class="item-actions"><${UploadButton} small=${true} label=${t("upload.resume")} /><${DiscardButton} id=${id} label=${t("upload.discard")} /></div>
  </li>`;
}

function DiscardButton({ id, label }) {
  return html`<button type="button" class="button ghost small" onClick=${() => discardUpload(id).catch(notifyError)}>${label}</button>`;
}

/** Shown in place of a log's card while its file is uploaded; facts of another log must not show here. */
export function UploadingCard({ transfer }) {
  return html`<section class="log-card" aria-label=${t("log.card")}>
    <p class="log-card-name"><${Icon} name="file" /> <${UserText}>${transfer.name}<//></p>
    <${UploadProgress} transfer=${transfer} />
  </section>`;
}

export function UploadingFacts({ transfer }) {
  return html`<p class="panel-name"><${UserText}>${transfer.name}<//></p>
    <dl class="facts"><div><dt>${t("panel.size")}</dt><dd class="figure">${formatBytes(transfer.size)}</dd></div></dl>
    <${UploadProgress} transfer=${transfer} />
    <p class="quiet">${t("upload.next")}</p>`;
}
