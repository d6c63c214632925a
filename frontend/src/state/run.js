/** What an event makes of one run: pure and idempotent. */
import { outdated, without } from "./writing.js";

export const OPEN = new Set(["queued", "running", "waiting_approval"]);

/** The run that an event tells of, where nothing else is known of it. */
export function runQueued(event) {
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
    attempt: event.attempt ?? 0,
    assumptions: {},
    created_at: event.at,
    started_at: null,
    ended_at: null,
    cancel_requested_at: null,
    cost: null,
    events: event.type === "run_queued" ? [event] : [],
  };
}

export function reduceRun(run, event) {
  const key = identity(event);
  if (outdated(run.events, event) || run.events.some((known) => identity(known) === key)) return run;
  const next = { ...run, events: [...without(run.events, event), event] };
  // What the server said of a run that is over stands; a late event is only one more step.
  return OPEN.has(run.state) ? { ...next, ...change(next, event) } : next;
}

/** Two events are the same if they tell the same of the same turn. */
function identity(event) {
  const { type, request_id = "", call_id = "", part = "", thought = "", text = "", budget = "" } = event;
  return `${type} ${request_id} ${call_id} ${part} ${thought} ${text} ${budget} ${Date.parse(event.at)}`;
}

function change(run, event) {
  if (event.type === "run_cancel_requested") return { cancel_requested_at: run.cancel_requested_at ?? event.at };
  if (event.type === "run_queued" || event.parent_request_id !== null) return {};
  if (event.type === "agent_started") {
    return { state: "running", attempt: event.attempt, started_at: run.started_at ?? event.at };
  }
  if (event.type === "agent_completed") return completed(event);
  if (event.type === "agent_error") return failed(event);
  return {};
}

function completed(event) {
  return {
    state: "completed",
    degraded: event.outcome === "degraded",
    answer: event.answer,
    missing: event.missing,
    ended_at: event.at,
    // Whether there is a report is not told by the event: null until it was asked.
    has_report: null,
  };
}

function failed(event) {
  if (event.code === "cancelled") return { state: "cancelled", ended_at: event.at };
  return { state: "failed", error: event.code, message: event.message, ended_at: event.at };
}
