/** A run's report, fetched when it comes near the screen. Every state is shown in words. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { Report } from "./document.js";
import { t } from "./texts.js";

const SLOW = 2000;
const NEAR = "800px";

export function RunReport({ run, fields = [], onAsk = null }) {
  const place = useRef(null);
  const [found, setFound] = useState({ state: "waiting" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    setFound({ state: "waiting" });
    if (!run.has_report) return undefined;
    return whenNear(place.current, () => fetchReport(run.id, setFound));
  }, [run.id, run.has_report, round]);
  if (!run.has_report) return html`<p class="rp-note">${t("load.none")}</p>`;
  if (found.state === "here") {
    return html`<${Report} runId=${run.id} report=${found.report} answer=${run.answer} fields=${fields} onAsk=${onAsk} />`;
  }
  return html`<div class="rp-loading" ref=${place} role="status"><${State} found=${found} again=${() => setRound(round + 1)} /></div>`;
}

function State({ found, again }) {
  if (found.state !== "failed") return html`<p class="rp-note">${t(found.state === "slow" ? "load.slow" : "load.wait")}</p>`;
  return html`<p>${t("load.failed", { why: found.why })}</p><button type="button" class="rp-tool" onClick=${again}>${t("load.again")}</button>`;
}

/** Calls `start` once `element` is near the screen. Returns a function that stops both. */
function whenNear(element, start) {
  let stop = null;
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    stop = start();
  }, { rootMargin: NEAR });
  seen.observe(element);
  return () => {
    seen.disconnect();
    stop?.();
  };
}

function fetchReport(runId, onState) {
  let wanted = true;
  const slow = setTimeout(() => onState({ state: "slow" }), SLOW);
  const end = (found) => {
    clearTimeout(slow);
    if (wanted) onState(found);
  };
  api.get(`runs/${encodeURIComponent(runId)}/report/`).then(
    (report) => end({ state: "here", report }),
    (error) => end({ state: "failed", why: error.message }),
  );
  return () => {
    wanted = false;
    clearTimeout(slow);
  };
}
