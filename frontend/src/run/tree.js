/** A run's events as agents, each with what it thought, called and handed on, in order. Pure. */

/** The latest attempt's top agents: normally one, the supervisor. An earlier attempt's steps are told anew by a later one. */
export function agentsOf(run) {
  const attempt = Math.max(0, ...run.events.map((event) => event.attempt ?? 0));
  const agents = new Map();
  const tops = [];
  for (const event of run.events) {
    if (event.request_id === undefined || event.attempt !== attempt) continue;
    if (!agents.has(event.request_id)) place(agents, tops, event);
    add(agents.get(event.request_id), event);
  }
  return tops;
}

function place(agents, tops, event) {
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

const ADD = {
  agent_started: (agent, event) => Object.assign(agent, { title: event.title, started: event.at }),
  agent_writing: (agent, event) => agent.items.push(thought(agent, event, { text: event.text, source: "model", writing: true })),
  agent_thinking: (agent, event) =>
    agent.items.push(thought(agent, event, { text: event.thought, source: event.source, writing: false })),
  tool_executing: (agent, event) => callOf(agent, event),
  tool_completed: (agent, event) =>
    Object.assign(callOf(agent, event), {
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

function add(agent, event) {
  ADD[event.type]?.(agent, event);
}

/** By its key a text is the same while it is written and when it is done; a run's events tell it once (state/writing.js). */
function thought(agent, event, said) {
  const { part = null } = event;
  return { kind: "thought", key: part === null ? `${event.at} ${agent.items.length}` : `part ${part}`, ...said };
}

function callOf(agent, event) {
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

/** How many agents worked under the top one, and how many tools they called. */
export function countsOf(tops) {
  const all = tops.flatMap(withChildren);
  const calls = all.flatMap((agent) => agent.items.filter((item) => item.kind === "call"));
  return { agents: Math.max(1, all.length - tops.length), tools: calls.length };
}

/** The budgets that this attempt was told are nearly spent. */
export function warningsOf(tops) {
  return tops.flatMap(withChildren).flatMap((agent) => agent.items.filter((item) => item.kind === "budget"));
}

/** The agent that works now: the innermost one that is not done. */
export function workingOf(tops) {
  return tops.flatMap(withChildren).findLast((agent) => agent.state === "running") ?? null;
}

function withChildren(agent) {
  return [agent, ...agent.items.filter((item) => item.kind === "agent").flatMap((item) => withChildren(item.agent))];
}
