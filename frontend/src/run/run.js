import { useComputed } from "@preact/signals";
import { useMemo, useState } from "preact/hooks";
import { AnswerSoFar } from "../answer/answer-so-far.js";
import { html } from "../html.js";
import { OPEN } from "../state/run-reducer.js";
import { messages, runs } from "../state/store.js";
import { t } from "../texts.js";
import { buildAgents, findAnswerText, listWarnings } from "./agent-tree.js";
import { Agent, BudgetNotice } from "./agent.js";
import { RunOutcome } from "./outcome.js";
import { RunLine } from "./status-line.js";

/** One run: its outcome once it has ended, and its status line with the steps, which are open while it works.
 * Budget warnings show while the steps are closed. */
export function RunView({ runId, onAgain }) {
  const run = useComputed(() => runs.value[runId]).value;
  // Answers are numbered, so that screen readers can tell the regions of a conversation apart.
  const number = useComputed(() => findNumber(runs.value[runId])).value;
  const latest = useComputed(() => messages.value[runs.value[runId]?.thread_id]?.at(-1)?.run_id === runId).value;
  const [chosen, setChosen] = useState(null);
  const tops = useMemo(() => (run ? buildAgents(run) : []), [run?.events]);
  if (run === undefined) return null;
  const live = OPEN.has(run.state);
  const open = chosen ?? live;
  const answerText = findAnswerText(tops);
  // The answer itself is fetched once the run has ended; until then, the text stays.
  const isEnding = answerText !== null && (live || (run.state === "completed" && run.has_answer === null));
  return html`<section class=${`run ${run.state}`} data-run=${run.id} aria-label=${number > 1 ? t("run.labelNext", { n: number }) : t("run.label")}>
    ${isEnding ? html`<${AnswerSoFar} text=${answerText.text} writing=${live} />` : !live && html`<${RunOutcome} run=${run} latest=${latest} onAgain=${onAgain} />`}
    <${RunLine} run=${run} tops=${tops} open=${open} onToggle=${() => setChosen(!open)} />
    ${open &&
    tops.length > 0 &&
    html`<ul class="steps" id=${`steps-${run.id}`}>
      ${run.attempt > 1 && html`<li class="quiet">${t("run.attempt", { n: run.attempt })}</li>`}
      ${tops.map((agent) => html`<${Agent} key=${agent.id} agent=${agent} live=${live} top=${true} answerText=${live ? answerText : null} />`)}
    </ul>`}
    ${!open && listWarnings(tops).map((one) => html`<p key=${one.key} class="budget-near"><${BudgetNotice} notice=${one} /></p>`)}
  </section>`;
}

const findNumber = (run) => (messages.value[run?.thread_id] ?? []).findIndex((message) => message.run_id === run.id) + 1;
