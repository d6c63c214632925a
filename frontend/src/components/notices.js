import { useEffect } from "preact/hooks";
import { html } from "../html.js";
import { announcement, dismiss, notices } from "../state/notices.js";
import { go } from "../state/route.js";
import { t } from "../texts.js";
import { Icon } from "./icon.js";
import { UserText } from "./user-text.js";

export function LiveRegion() {
  return html`<div class="unseen" role="status" aria-live="polite">${announcement.value}</div>`;
}

const READ_MS = 8000;

export function Notices() {
  return html`<section class="notices" aria-label=${t("notices")}>
    ${notices.value.map((notice) => html`<${Notice} key=${notice.id} notice=${notice} />`)}
  </section>`;
}

/** A notice for information disappears after a while; an error or a link stays. */
function Notice({ notice }) {
  const { id, kind, text, threadId, threadTitle } = notice;
  useEffect(() => {
    if (kind === "bad" || threadId) return undefined;
    const timer = setTimeout(() => dismiss(id), READ_MS);
    return () => clearTimeout(timer);
  }, []);
  return html`<div class=${`notice ${kind}`} role=${kind === "bad" ? "alert" : "status"}>
    <${Icon} name=${kind === "bad" ? "alert" : "check"} size=${16} />
    <p>${text}${threadTitle && html`<br /><${UserText} className="quiet">${threadTitle}<//>`}</p>
    ${threadId && html`<button type="button" class="button small" onClick=${() => go(threadId)}>${t("open")}</button>`}
    <button type="button" class="button ghost square" onClick=${() => dismiss(id)} aria-label=${t("dismiss")}><${Icon} name="close" size=${15} /></button>
  </div>`;
}
