/** A run's answer, fetched when it comes near the screen. Until then, and if that fails, its Markdown is shown. */
import { useRef } from "preact/hooks";
import { useFetched } from "../fetched.js";
import { html } from "../html.js";
import { Markdown } from "../report/markdown.js";
import { t } from "../texts.js";
import { Answer } from "./answer.js";

export function RunAnswer({ run, onAsk = null }) {
  const place = useRef(null);
  const { found, again } = useFetched(`runs/${encodeURIComponent(run.id)}/answer/`, place);
  if (found.state === "here") return html`<${Answer} answer=${found.data} workloadId=${run.workload_id} onAsk=${onAsk} />`;
  return html`<div class="an-waiting" ref=${place}>
    <${Markdown} text=${run.answer ?? ""} />
    ${found.state === "failed" && html`<p class="rp-note" role="alert">${t("answer.failed", { why: found.why })}
      <button type="button" class="button small" onClick=${again}>${t("tryAgain")}</button></p>`}
  </div>`;
}
