/** Copies, downloads and prints the report. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "./texts.js";

const KINDS = [["md", "Markdown"], ["json", "JSON"], ["csv", "CSV"]];

/** `answer`: the report as Markdown; without it there is no copy button. `focus`: whether it can be exported as FOCUS. */
export function Toolbar({ runId, answer, focus = false, onPrint }) {
  const [status, setStatus] = useState("");
  const copy = () => copyText(answer).then(() => setStatus(t("export.copied")), () => setStatus(t("export.copyFailed")));
  return html`<div class="rp-tools" role="group" aria-label=${t("export.label")}>
    ${answer && html`<button type="button" class="rp-tool" onClick=${copy}>${t("export.copy")}</button>`}
    ${listDownloads(runId).map(({ kind, href }) => html`
      <a class="rp-tool" href=${href} download aria-label=${t("export.download", { kind })}>${kind}</a>
    `)}
    ${focus && html`<a class="rp-tool" href=${`/api/runs/${encodeURIComponent(runId)}/report/focus.csv`} download aria-label=${t("export.download", { kind: "FOCUS 1.3" })}>${t("export.focus")}</a>`}
    <button type="button" class="rp-tool" onClick=${onPrint}>${t("export.print")}</button>
    <span class="rp-said" role="status">${status}</span>
  </div>`;
}

// Without a secure context there is no clipboard, and this rejects.
async function copyText(text) {
  await navigator.clipboard.writeText(text);
}

/** Opens the folds inside `place` while the browser prints. */
export function useUnfolded(place) {
  useEffect(() => {
    const opened = new Set();
    const unfold = () => {
      for (const fold of place.current?.querySelectorAll("details:not([open])") ?? []) {
        fold.open = true;
        opened.add(fold);
      }
    };
    const refold = () => {
      for (const fold of opened) fold.open = false;
      opened.clear();
    };
    addEventListener("beforeprint", unfold);
    addEventListener("afterprint", refold);
    return () => {
      removeEventListener("beforeprint", unfold);
      removeEventListener("afterprint", refold);
    };
  }, []);
}

/** Prints `element` without the rest of the page. */
export function printAlone(element) {
  element.classList.add("rp-alone");
  addEventListener("afterprint", () => element.classList.remove("rp-alone"), { once: true });
  print();
}

/** Where a run's report can be downloaded: [{kind, href}]. */
function listDownloads(runId) {
  return KINDS.map(([suffix, kind]) => ({ kind, href: `/api/runs/${encodeURIComponent(runId)}/report/report.${suffix}` }));
}
