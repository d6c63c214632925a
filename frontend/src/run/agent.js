import { duration } from "../format.js";
import { html } from "../html.js";
import { UserText } from "../parts/user-text.js";
import { useServerNow } from "../state/clock.js";
import { t } from "../texts.js";
import { BudgetNotice } from "./budget.js";
import { StateMark } from "./mark.js";
import { ToolCall } from "./tool.js";

/** One agent's turn: a line with its state and duration, and under it what it thought, called and handed on. */
export function Agent({ agent, live, top = false }) {
  const running = agent.state === "running";
  const state = running && !live ? "cancelled" : agent.state;
  return html`<li class=${`agent ${state}${top ? " top" : ""}`}>
    <div class="agent-line">
      <${StateMark} state=${state} />
      <span class="agent-title">${agent.title}</span>
      <${Duration} agent=${agent} running=${running && live} />
    </div>
    <ul class="agent-items">
      ${agent.items.map((item) => html`<${Item} key=${item.key} item=${item} live=${live && running} />`)}
      ${agent.summary && !top && html`<li class=${`agent-summary ${state}`}><${UserText}>${withoutName(agent)}<//></li>`}
    </ul>
  </li>`;
}

function Item({ item, live }) {
  if (item.kind === "agent") return html`<${Agent} agent=${item.agent} live=${live} />`;
  if (item.kind === "call") return html`<${ToolCall} call=${item} live=${live} />`;
  if (item.kind === "budget") return html`<li class="budget-near"><${BudgetNotice} notice=${item} /></li>`;
  const writing = item.writing && live;
  return html`<li class=${`thought ${item.source}${writing ? " writing" : ""}`}>
    ${item.source === "model" && html`<span class="tag">${t(writing ? "thought.writing" : "thought.model")}</span> `}<${UserText}>${item.text}<//>
  </li>`;
}

function Duration({ agent, running }) {
  const now = useServerNow(running);
  const ms = agent.duration ?? (running ? now - Date.parse(agent.started) : null);
  return html`<span class="step-time figure">${ms === null ? "" : duration(ms)}</span>`;
}

/** Summaries begin with the agent's name, which the line above says already. */
function withoutName(agent) {
  const prefix = `${agent.name}: `;
  return agent.summary.startsWith(prefix) ? agent.summary.slice(prefix.length) : agent.summary;
}
