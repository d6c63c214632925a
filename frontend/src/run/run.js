import { useMemo, useState } from "preact/hooks";
import { html } from "../html.js";
import { OPEN } from "../state/run.js";
import { messages, runs } from "../state/store.js";
import { t } from "../texts.js";
import { Agent } from "./agent.js";
import { BudgetNotice } from "./budget.js";
import { Ending } from "./ending.js";
import { RunLine } from "./line.js";
import { agentsOf, warningsOf } from "./tree.js";

/** One run: a line with where it stands, its steps while it works or when asked for, and then what came of it.
 * What it was told of budgets shows where the steps do not. */
export function RunView({ runId, onAgain }) {
  const run = runs.value[runId];
  const [chosen, setChosen] = useState(null);
  const tops = useMemo(() => (run ? agentsOf(run) : []), [run?.events]);
  if (run === undefined) return null;
  const live = OPEN.has(run.state);
  const open = chosen ?? live;
  return html`<section class=${`run ${run.state}`} data-run=${run.id} aria-label=${labelOf(run)}>
    <${RunLine} run=${run} tops=${tops} open=${open} onToggle=${() => setChosen(!open)} />
    ${open &&
    tops.length > 0 &&
    html`<ul class="steps" id=${`steps-${run.id}`}>
      ${run.attempt > 1 && html`<li class="quiet">${t("run.attempt", { n: run.attempt })}</li>`}
      ${tops.map((agent) => html`<${Agent} key=${agent.id} agent=${agent} live=${live} top=${true} />`)}
    </ul>`}
    ${!open && warningsOf(tops).map((one) => html`<p key=${one.key} class="budget-near"><${BudgetNotice} notice=${one} /></p>`)}
    ${!live && html`<${Ending} run=${run} onAgain=${onAgain} />`}
  </section>`;
}

/** Somebody who goes from region to region can tell the answers of a conversation apart. */
function labelOf(run) {
  const place = (messages.value[run.thread_id] ?? []).findIndex((message) => message.run_id === run.id);
  return place > 0 ? t("run.labelNext", { n: place + 1 }) : t("run.label");
}
