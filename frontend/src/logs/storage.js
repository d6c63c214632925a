import { bytes } from "../format.js";
import { html } from "../html.js";
import { storage } from "../state/storage.js";
import { t } from "../texts.js";

/** How much of the room for this user's logs is used. */
export function StorageUse() {
  const room = storage.value;
  if (room === null) return null;
  const told = t("storage.used", { used: bytes(room.used_bytes), limit: bytes(room.limit_bytes) });
  const full = room.used_bytes >= room.limit_bytes;
  return html`<div class=${`storage${full ? " full" : ""}`}>
    <progress max=${Math.max(room.limit_bytes, 1)} value=${Math.min(room.used_bytes, room.limit_bytes)} aria-label=${t("storage.label")}>${told}</progress>
    <p class="quiet figure">${told}</p>
    ${full && html`<p class="message bad">${t("storage.full")}</p>`}
  </div>`;
}
