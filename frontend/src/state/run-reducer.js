/** What an event changes in one run, including a model's text while it is being written. Pure and idempotent. */

const isWriting = (event) => event.type === "agent_writing";

/** The key of the text in an event; null if the event has no text, or one that was not streamed. */
function getText(event) {
  if (!isWriting(event) && event.type !== "agent_thinking") return null;
  return typeof event.part === "number" ? `${event.request_id} ${event.part}` : null;
}

/** Whether a partial text adds nothing to `events`. */
function isOutdated(events, event) {
  if (!isWriting(event)) return false;
  const text = getText(event);
  return events.some((known) => getText(known) === text && (!isWriting(known) || isLater(known, event)));
}

function isLater(known, event) {
  const ahead = Date.parse(known.at) - Date.parse(event.at);
  return ahead > 0 || (ahead === 0 && known.text.length > event.text.length);
}

/** The events without the partial text that `event` replaces. */
function removeWriting(events, event) {
  const text = getText(event);
  return text === null ? events : events.filter((known) => !isWriting(known) || getText(known) !== text);
}

/** The events with at most one partial text per text, and none for finished texts. */
export function settleTexts(events) {
  if (!events.some(isWriting)) return events;
  return events.reduce((kept, event) => (isOutdated(kept, event) ? kept : [...removeWriting(kept, event), event]), []);
}

/** `events` with the partial texts that only `others` has, or has longer. */
export function withTexts(events, others) {
  return settleTexts([...events, ...others.filter(isWriting)]);
}

export const OPEN = new Set(["queued", "running", "waiting_approval"]);

/** The run of a run_queued event. */
export function createRun(event) {
  return {
    id: event.run_id,
    thread_id: event.thread_id,
    message_id: event.message_id ?? null,
    workload_id: event.workload_id ?? null,
    state: "queued",
    degraded: false,
    error: null,
    message: null,
    answer: null,
    missing: [],
    has_report: false,
    has_answer: false,
    attempt: event.attempt ?? 0,
    assumptions: {},
    time_zone: null,
    created_at: event.at,
    started_at: null,
    ended_at: null,
    cancel_requested_at: null,
    cost: null,
    feedback: [],
    events: event.type === "run_queued" ? [event] : [],
  };
}

export function reduceRun(run, event) {
  const key = getIdentity(event);
  if (isOutdated(run.events, event) || run.events.some((known) => getIdentity(known) === key)) return run;
  const next = { ...run, events: [...removeWriting(run.events, event), event] };
  // The server's state of a finished run stands; a late event is only another step.
  return OPEN.has(run.state) ? { ...next, ...getChanges(next, event) } : next;
}

/** Two events are the same if they report the same about the same turn. */
function getIdentity(event) {
  const { type, request_id = "", call_id = "", part = "", thought = "", text = "", budget = "" } = event;
  return `${type} ${request_id} ${call_id} ${part} ${thought} ${text} ${budget} ${Date.parse(event.at)}`;
}

function getChanges(run, event) {
  if (event.type === "run_cancel_requested") return { cancel_requested_at: run.cancel_requested_at ?? event.at };
  if (event.type === "run_queued" || event.parent_request_id !== null) return {};
  if (event.type === "agent_started") {
    return { state: "running", attempt: event.attempt, started_at: run.started_at ?? event.at };
  }
  if (event.type === "agent_completed") return getCompletedFields(event);
  if (event.type === "agent_error") return getFailedFields(event);
  return {};
}

function getCompletedFields(event) {
  return {
    state: "completed",
    degraded: event.outcome === "degraded",
    answer: event.answer,
    missing: event.missing,
    ended_at: event.at,
    // The event does not say whether there is a report or an answer: null until it is fetched.
    has_report: null,
    has_answer: null,
  };
}

function getFailedFields(event) {
  if (event.code === "cancelled") return { state: "cancelled", ended_at: event.at };
  return { state: "failed", error: event.code, message: event.message, ended_at: event.at };
}
