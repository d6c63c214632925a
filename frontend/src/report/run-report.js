/** A run's report, fetched when it comes near the screen. Every state is shown in words. */
import { useRef } from "preact/hooks";
import { useFetched } from "../fetched.js";
import { html } from "../html.js";
import { Report } from "./document.js";
import { t } from "./texts.js";

export function RunReport({ run, fields = [], onAsk = null, renderFeedback = null }) {
  const place = useRef(null);
  const { found, again } = useFetched(run.has_report ? `runs/${encodeURIComponent(run.id)}/report/` : null, place);
  if (!run.has_report) return html`<p class="rp-note">${t("load.none")}</p>`;
  if (found.state === "here") {
    return html`<${Report} runId=${run.id} report=${found.data} answer=${run.answer} fields=${fields} onAsk=${onAsk} renderFeedback=${renderFeedback} />`;
  }
  return html`<div class="rp-loading" ref=${place} role="status"><${State} found=${found} again=${again} /></div>`;
}

function State({ found, again }) {
  if (found.state !== "failed") return html`<p class="rp-note">${t(found.state === "slow" ? "load.slow" : "load.wait")}</p>`;
  return html`<p>${t("load.failed", { why: found.why })}</p><button type="button" class="rp-tool" onClick=${again}>${t("load.again")}</button>`;
}
