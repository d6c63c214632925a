/** Take the report along: copy, download, print. */
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "./texts.js";

const KINDS = [["md", "Markdown"], ["json", "JSON"], ["csv", "CSV"]];

/** Where a run's report can be downloaded: [{kind, href}]. */
export function downloads(runId) {
  return KINDS.map(([suffix, kind]) => ({ kind, href: `/api/runs/${encodeURIComponent(runId)}/report/report.${suffix}` }));
}

/** `answer`: the report as Markdown, to copy; without it there is nothing to copy. */
export function Toolbar({ runId, answer, onPrint }) {
  const [said, setSaid] = useState("");
  const copy = () => copied(answer).then(() => setSaid(t("export.copied")), () => setSaid(t("export.copyFailed")));
  return html`<div class="rp-tools" role="group" aria-label=${t("export.label")}>
    ${answer && html`<button type="button" class="rp-tool" onClick=${copy}>${t("export.copy")}</button>`}
    ${downloads(runId).map(({ kind, href }) => html`
      <a class="rp-tool" href=${href} download aria-label=${t("export.download", { kind })}>${kind}</a>
    `)}
    <button type="button" class="rp-tool" onClick=${onPrint}>${t("export.print")}</button>
    <span class="rp-said" role="status">${said}</span>
  </div>`;
}

// Without a secure context browsers have no clipboard at all.
async function copied(text) {
  await navigator.clipboard.writeText(text);
}
