import { bytes } from "../format.js";
import { html } from "../html.js";
import { UserText } from "../parts/user-text.js";
import { notifyError } from "../state/notices.js";
import { t } from "../texts.js";
import { BringButton } from "./bring.js";
import { discard, putAway } from "./transfer.js";

/** A file on its way. */
export function Transfer({ transfer }) {
  return html`<li class=${`item upload ${transfer.state}`}>
    <${UserText} className="item-name">${transfer.name}<//>
    <${Progress} transfer=${transfer} />
  </li>`;
}

/** How far it has come, and what can be done about it. */
export function Progress({ transfer }) {
  const { name, size, sent, state, error, uploadId } = transfer;
  const progress = t("upload.progress", { sent: bytes(sent), size: bytes(size) });
  return html`<progress max=${size} value=${sent} aria-label=${t("upload.label", { name })}>${progress}</progress>
    <p class="item-facts figure">${state === "sending" || state === "starting" ? progress : t(`upload.${state}`, { error, sent: bytes(sent) })}</p>
    <div class="item-actions">
      ${state === "failed" && html`<button type="button" class="button ghost small" onClick=${() => putAway(transfer)}>${t("dismiss")}</button>`}
      ${state !== "failed" && uploadId && html`<${Discard} id=${uploadId} label=${t("cancel")} />`}
    </div>`;
}

/** What came of a file before the page was left: it goes on when the same file is chosen again. */
export function Unfinished({ upload }) {
  const { id, name, size, offset } = upload;
  return html`<li class="item upload">
    <${UserText} className="item-name">${name}<//>
    <progress max=${size} value=${offset} aria-label=${t("upload.label", { name })}></progress>
    <p class="item-facts figure">${t("upload.unfinished", { sent: bytes(offset), size: bytes(size) })}</p>
    <div class="item-actions"><${BringButton} small=${true} label=${t("upload.resume")} /><${Discard} id=${id} label=${t("upload.discard")} /></div>
  </li>`;
}

function Discard({ id, label }) {
  return html`<button type="button" class="button ghost small" onClick=${() => discard(id).catch(notifyError)}>${label}</button>`;
}
