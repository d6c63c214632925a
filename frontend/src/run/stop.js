import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { announce } from "../state/announce.js";
import { notifyError } from "../state/notices.js";
import { client } from "../state/session.js";
import { ahead } from "../state/skew.js";
import { changeOne, runs, takeRun } from "../state/store.js";
import { t } from "../texts.js";

/** Asks for a run's end. That it was asked for shows at once; the end itself arrives as an event. */
export async function stop(runId) {
  const before = runs.value[runId].cancel_requested_at;
  if (before !== null) return;
  changeOne("runs", runId, { cancel_requested_at: new Date(Date.now() + ahead()).toISOString() });
  announce(t("run.stoppingShort"));
  try {
    takeRun(await client.cancel(runId));
  } catch (error) {
    // Over in the same moment: its end is on the way.
    if (error.code === "conflict") return;
    changeOne("runs", runId, { cancel_requested_at: before });
    notifyError(error);
  }
}

export function StopButton({ run, big = false }) {
  const asked = run.cancel_requested_at !== null;
  return html`<button type="button" class=${big ? "button stop big" : "button stop small"} disabled=${asked} title=${t("run.stopTitle")}
    onClick=${() => void stop(run.id)}>
    <${Icon} name="stop" size=${14} /> ${t(asked ? "run.stoppingShort" : "run.stop")}
  </button>`;
}
