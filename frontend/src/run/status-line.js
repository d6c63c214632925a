import { Icon } from "../components/icon.js";
import { formatDuration, formatMoney } from "../format.js";
import { html } from "../html.js";
import { useServerNow } from "../state/clock.js";
import { OPEN } from "../state/run-reducer.js";
import { openRun, runs } from "../state/store.js";
import { t } from "../texts.js";
import { countSteps, findWorkingAgent } from "./agent-tree.js";
import { StateMark } from "./state-mark.js";
import { StopButton } from "./stop-button.js";

/** A run's status in one line, which opens and closes its steps. */
export function RunLine({ run, tops, open, onToggle }) {
  const live = OPEN.has(run.state);
  const state = run.state === "completed" && run.degraded ? "degraded" : run.state;
  return html`<div class="run-line">
    <button type="button" class="run-toggle" aria-expanded=${open} aria-controls=${`steps-${run.id}`} onClick=${onToggle}>
      <${Icon} name="chevron" size=${14} />
      <${StateMark} state=${state} />
      <span class="run-words">${live ? html`<${CurrentStep} run=${run} tops=${tops} />` : html`<${Summary} run=${run} tops=${tops} />`}</span>
    </button>
    ${live && openRun.value?.id !== run.id && html`<${StopButton} run=${run} />`}
  </div>`;
}

function CurrentStep({ run, tops }) {
  const now = useServerNow(run.state === "running" || run.cancel_requested_at !== null);
  if (run.cancel_requested_at) return t("run.stopping", { time: formatDuration(now - Date.parse(run.cancel_requested_at)) });
  if (run.state === "queued") return t(isQueuedBehind(run) ? "run.queuedBehind" : "run.queued");
  if (run.state === "waiting_approval") return t("run.waitingApproval");
  const working = findWorkingAgent(tops);
  const time = formatDuration(now - Date.parse(run.started_at ?? run.created_at));
  return working === null ? t("run.running", { time }) : t("run.working", { title: working.title, time });
}

/** Empty if nothing was spent, or before the run has been fetched. */
function formatCost(cost) {
  if (!cost) return null;
  const known = Number(cost.known_usd);
  if (cost.unknown > 0) return known > 0 ? t("run.costAtLeast", { cost: formatMoney(known) }) : t("run.costUnknown");
  return known > 0 ? t("run.cost", { cost: formatMoney(known) }) : null;
}

/** Whether an earlier question in the same conversation is still being answered. */
function isQueuedBehind(run) {
  return Object.values(runs.value).some(
    (other) => other.thread_id === run.thread_id && OPEN.has(other.state) && other.created_at < run.created_at,
  );
}

function Summary({ run, tops }) {
  const { agents, tools } = countSteps(tops);
  const from = run.started_at ?? run.created_at;
  const time = run.ended_at ? formatDuration(Date.parse(run.ended_at) - Date.parse(from)) : null;
  const parts = [t("count.agents", { n: agents }), t("count.tools", { n: tools }), time, formatCost(run.cost)];
  const words = run.state === "completed" && !run.degraded ? "" : `${t(`state.${run.degraded ? "degraded" : run.state}`)} · `;
  return `${words}${parts.filter(Boolean).join(", ")}`;
}
