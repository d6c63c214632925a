/**
 * The page's state as one plain value, and how events change it. Pure; applying an event twice changes nothing.
 *
 * world = { threads: {id: Thread}, messages: {threadId: [Message]}, runs: {id: Run + events}, workloads,
 *   uploads, earlier: {threadId: cursor}, more: {threads: cursor, workloads: cursor} }
 * `messages` has the latest messages of the conversations that were opened; `earlier` is the cursor of the page before, or null.
 * Of other conversations only `threads` is updated. `more` has the cursors of the lists of conversations and logs, or null.
 */
import { createRun, reduceRun } from "./run-reducer.js";

export const EMPTY = { threads: {}, messages: {}, earlier: {}, runs: {}, workloads: {}, uploads: {}, more: {} };

const REDUCERS = {
  run_queued: applyRunQueued,
  thread_changed: (world, event) =>
    put(world, "threads", event.thread_id, {
      created_at: event.at,
      updated_at: event.at,
      state: null,
      ...world.threads[event.thread_id],
      id: event.thread_id,
      title: event.title,
      pinned: event.pinned ?? false,
    }),
  thread_deleted: (world, event) => withoutThread(world, event.thread_id),
  workload_changed: applyLogChanged,
  workload_deleted: (world, event) => withoutWorkload(world, event.workload_id),
};

export function reduce(world, event) {
  const reducer = REDUCERS[event.type] ?? applyRunEvent;
  return reducer(world, event);
}

/** Shows what the event says at once; the rest of the log is fetched. A log is ready once its source has arrived. */
function applyLogChanged(world, event) {
  const known = world.workloads[event.workload_id];
  if (known === undefined) return world;
  const state = event.state === "ready" && !known.source ? known.state : event.state;
  return merge(world, "workloads", known.id, { name: event.name, state, progress: event.progress ?? null });
}

function applyRunQueued(world, event) {
  const known = world.runs[event.run_id];
  const next = put(world, "runs", event.run_id, known ? reduceRun(known, event) : createRun(event));
  return withMessage(touchThread(next, event), event);
}

function applyRunEvent(world, event) {
  const run = world.runs[event.run_id];
  if (run !== undefined) {
    const next = reduceRun(run, event);
    return next === run ? world : withState(put(world, "runs", run.id, next), next);
  }
  const thread = world.threads[event.thread_id];
  if (thread === undefined) return world;
  // A run of a conversation that was not opened: only its state shows. An agent's event means that it is running.
  const before = { ...createRun(event), state: event.request_id === undefined ? thread.state : "running" };
  const { state } = reduceRun(before, event);
  return state === thread.state ? world : merge(world, "threads", thread.id, { state });
}

function touchThread(world, event) {
  const known = world.threads[event.thread_id];
  const thread = known ?? { id: event.thread_id, created_at: event.at, updated_at: event.at, title: event.title };
  const newer = known === undefined || known.updated_at < event.at;
  const run = world.runs[event.run_id];
  const next = { ...thread, title: event.title ?? thread.title, updated_at: newer ? event.at : thread.updated_at };
  return withState(put(world, "threads", next.id, { state: null, pinned: false, ...next }), run);
}

/** A conversation's state is that of its latest run. */
function withState(world, run) {
  const thread = world.threads[run.thread_id];
  if (thread === undefined || thread.state === run.state) return world;
  const later = Object.values(world.runs).some(
    (other) => other.thread_id === run.thread_id && other.created_at > run.created_at,
  );
  return later ? world : merge(world, "threads", thread.id, { state: run.state });
}

function withMessage(world, event) {
  const messages = world.messages[event.thread_id];
  if (messages === undefined || messages.some((message) => message.id === event.message_id)) return world;
  const { message_id: id, client_id = null, text, at: created_at, run_id } = event;
  return put(world, "messages", event.thread_id, [...messages, { id, client_id, text, created_at, run_id }]);
}

function withoutThread(world, threadId) {
  const runs = filterTable(world.runs, (run) => run.thread_id !== threadId);
  return {
    ...world,
    runs,
    threads: filterTable(world.threads, (thread) => thread.id !== threadId),
    messages: filterTable(world.messages, (_, id) => id !== threadId),
    earlier: filterTable(world.earlier ?? {}, (_, id) => id !== threadId),
  };
}

function withoutWorkload(world, workloadId) {
  const deleted = new Set(Object.values(world.runs).filter((run) => run.workload_id === workloadId).map((run) => run.id));
  const messages = Object.entries(world.messages).map(([id, list]) => [id, list.filter((one) => !deleted.has(one.run_id))]);
  return {
    ...world,
    workloads: filterTable(world.workloads, (workload) => workload.id !== workloadId),
    runs: filterTable(world.runs, (run) => !deleted.has(run.id)),
    messages: Object.fromEntries(messages),
  };
}

export function put(world, kind, id, value) {
  return { ...world, [kind]: { ...world[kind], [id]: value } };
}

export function merge(world, kind, id, fields) {
  return put(world, kind, id, { ...world[kind][id], ...fields });
}

export function filterTable(table, keep) {
  return Object.fromEntries(Object.entries(table).filter(([id, value]) => keep(value, id)));
}
