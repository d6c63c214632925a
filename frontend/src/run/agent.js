import { Icon } from "../components/icon.js";
import { UserText } from "../components/user-text.js";
import { formatDuration, formatMoney } from "../format.js";
import { html } from "../html.js";
import { useServerNow } from "../state/clock.js";
import { t } from "../texts.js";
import { StateMark } from "./state-mark.js";
import { ToolCall } from "./tool-call.js";

/** One agent's turn: its state and duration, and under it its thoughts, tool calls and sub-agents. `answerText`: the thought that is shown as the answer. */
export function Agent({ agent, live, top = false, answerText = null }) {
  const running = agent.state === "running";
  const state = running && !live ? "cancelled" : agent.state;
  return html`<li class=${`agent ${state}${top ? " top" : ""}`}>
    <div class="agent-line">
      <${StateMark} state=${state} />
      <span class="agent-title">${agent.title}</span>
      <${Duration} agent=${agent} running=${running && live} />
    </div>
    <ul class="agent-items">
      ${agent.items.map((item) => html`<${Item} key=${item.key} item=${item} live=${live && running} answerText=${answerText} />`)}
      ${agent.summary && !top && html`<li class=${`agent-summary ${state}`}><${UserText}>${removeName(agent)}<//></li>`}
    </ul>
  </li>`;
}

function Item({ item, live, answerText }) {
  if (item.kind === "agent") return html`<${Agent} agent=${item.agent} live=${live} answerText=${answerText} />`;
  if (item.kind === "call") return html`<${ToolCall} call=${item} live=${live} />`;
  if (item.kind === "budget") return html`<li class="budget-near"><${BudgetNotice} notice=${item} /></li>`;
  const writing = item.writing && live;
  if (item === answerText) return html`<li class="thought model"><span class="tag">${t("thought.model")}</span> ${t("thought.answer")}</li>`;
  return html`<li class=${`thought ${item.source}${writing ? " writing" : ""}`}>
    ${item.source === "model" && html`<span class="tag">${t(writing ? "thought.writing" : "thought.model")}</span> `}<${UserText}>${item.text}<//>
  </li>`;
}

function Duration({ agent, running }) {
  const now = useServerNow(running);
  const ms = agent.duration ?? (running ? now - Date.parse(agent.started) : null);
  return html`<span class="step-time figure">${ms === null ? "" : formatDuration(ms)}</span>`;
}

/** Summaries start with the agent's name, which the line above already shows. */
function removeName(agent) {
  const prefix = `${agent.name}: `;
  return agent.summary.startsWith(prefix) ? agent.summary.slice(prefix.length) : agent.summary;
}

/** A budget that is nearly used up. For a shared budget, what others have spent is not shown. */
export function BudgetNotice({ notice: { budget, spent, limit, currency } }) {
  const [of, some] = [limit, spent].map((amount) => amount && formatMoney(Number(amount), currency));
  return html`<${Icon} name="alert" size=${14} />
    <${UserText}>${t(some ? "budget.near" : "budget.nearShared", { budget, spent: some, limit: of })}<//>`;
}
