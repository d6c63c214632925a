import { Icon } from "../components/icon.js";
import { html } from "../html.js";
import { getServerAheadMs } from "../state/clock-skew.js";
import { announce, notifyError } from "../state/notices.js";
import { client } from "../state/session.js";
import { changeOne, runs, takeRun } from "../state/store.js";
import { t } from "../texts.js";

/** Requests that a run is stopped. The request shows at once; the end arrives as an event. */
export async function stopRun(runId) {
  const before = runs.value[runId].cancel_requested_at;
  if (before !== null) return;
  changeOne("runs", runId, { cancel_requested_at: new Date(Date.now() + getServerAheadMs()).toISOString() });
  announce(t("run.stoppingShort"));
  try {
    takeRun(await client.cancel(runId));
  } catch (error) {
    // The run has just ended; its event is on the way.
    if (error.code === "conflict") return;
    changeOne("runs", runId, { cancel_requested_at: before });
    notifyError(error);
  }
}

export function StopButton({ run, big = false }) {
  const asked = run.cancel_requested_at !== null;
  return html`<button type="button" class=${big ? "button stop big" : "button stop small"} disabled=${asked} title=${t("run.stopTitle")}
    onClick=${() => void stopRun(run.id)}>
    <${Icon} name="stop" size=${14} /> ${t(asked ? "run.stoppingShort" : "run.stop")}
  </button>`;
}
