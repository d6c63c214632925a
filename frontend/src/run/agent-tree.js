/** Builds a run's agents from its events, each with its thoughts, tool calls and sub-agents, in order. Pure. */

/** The agent whose text is the answer. */
const ANALYST = "analyst";

/** The top agents of the latest attempt: normally one, the supervisor. A later attempt repeats the steps of an earlier one. */
export function buildAgents(run) {
  const attempt = Math.max(0, ...run.events.map((event) => event.attempt ?? 0));
  const agents = new Map();
  const tops = [];
  for (const event of run.events) {
    if (event.request_id === undefined || event.attempt !== attempt) continue;
    if (!agents.has(event.request_id)) addAgent(agents, tops, event);
    applyEvent(agents.get(event.request_id), event);
  }
  return tops;
}

function addAgent(agents, tops, event) {
  const agent = {
    id: event.request_id,
    name: event.agent,
    title: event.title ?? event.agent,
    state: "running",
    started: event.at,
    duration: null,
    summary: null,
    items: [],
  };
  agents.set(agent.id, agent);
  const parent = agents.get(event.parent_request_id);
  if (parent === undefined) tops.push(agent);
  else parent.items.push({ kind: "agent", key: agent.id, agent });
}

const APPLY = {
  agent_started: (agent, event) => Object.assign(agent, { title: event.title, started: event.at }),
  agent_writing: (agent, event) => agent.items.push(makeThought(agent, event, { text: event.text, source: "model", writing: true })),
  agent_thinking: (agent, event) =>
    agent.items.push(makeThought(agent, event, { text: event.thought, source: event.source, writing: false })),
  tool_executing: (agent, event) => findOrAddCall(agent, event),
  tool_completed: (agent, event) =>
    Object.assign(findOrAddCall(agent, event), {
      outcome: event.outcome,
      result: event.result,
      truncated: event.truncated,
      error: event.error,
      duration: event.duration_ms,
    }),
  budget_warning: (agent, event) =>
    agent.items.push({
      kind: "budget",
      key: `budget ${event.budget}`,
      ...{ budget: event.budget, spent: event.spent, limit: event.limit, currency: event.currency },
    }),
  agent_completed: (agent, event) =>
    Object.assign(agent, { state: event.outcome, summary: event.summary, missing: event.missing, duration: event.duration_ms }),
  agent_error: (agent, event) =>
    Object.assign(agent, {
      state: event.code === "cancelled" ? "cancelled" : "failed",
      summary: event.message,
      duration: event.duration_ms,
    }),
};

function applyEvent(agent, event) {
  APPLY[event.type]?.(agent, event);
}

/** A text has the same key while it is written and when it is finished, and is in a run's events once (state/run-reducer.js). */
function makeThought(agent, event, said) {
  const { part = null } = event;
  return { kind: "thought", key: part === null ? `${event.at} ${agent.items.length}` : `part ${part}`, ...said };
}

function findOrAddCall(agent, event) {
  const known = agent.items.find((item) => item.kind === "call" && item.key === event.call_id);
  if (known !== undefined) return known;
  const call = {
    kind: "call",
    key: event.call_id,
    run: event.run_id,
    turn: event.request_id,
    tool: event.tool,
    title: event.title ?? event.tool,
    arguments: event.arguments,
    started: event.at,
    outcome: null,
  };
  agent.items.push(call);
  return call;
}

/** The number of agents under the top one, and of their tool calls. */
export function countSteps(tops) {
  const all = tops.flatMap(listWithChildren);
  const calls = all.flatMap((agent) => agent.items.filter((item) => item.kind === "call"));
  return { agents: Math.max(1, all.length - tops.length), tools: calls.length };
}

/** The budget warnings of this attempt. */
export function listWarnings(tops) {
  return tops.flatMap(listWithChildren).flatMap((agent) => agent.items.filter((item) => item.kind === "budget"));
}

/** The agent that is working now: the innermost one that has not finished. */
export function findWorkingAgent(tops) {
  return tops.flatMap(listWithChildren).findLast((agent) => agent.state === "running") ?? null;
}

/** The text of a language model that is the answer so far: the analyst's last one, unless tools were called after it. */
export function findAnswerText(tops) {
  const analyst = tops.flatMap(listWithChildren).findLast((agent) => agent.name === ANALYST);
  const last = analyst?.items.findLast((item) => item.kind === "thought" || item.kind === "call");
  return last?.kind === "thought" && last.source === "model" ? last : null;
}

function listWithChildren(agent) {
  return [agent, ...agent.items.filter((item) => item.kind === "agent").flatMap((item) => listWithChildren(item.agent))];
}
