/** Puts the server's responses into the state's tables. */
import { OPEN, settleTexts, withTexts } from "./run-reducer.js";

const table = (list) => Object.fromEntries(list.map((one) => [one.id, one]));

/** A new state. Conversations are loaded again when they are opened. */
export function fromSnapshot(snapshot) {
  const world = {
    threads: table(snapshot.threads),
    messages: {},
    earlier: {},
    runs: {},
    workloads: table(snapshot.workloads),
    uploads: table(snapshot.uploads),
    more: snapshot.next ?? {},
  };
  return snapshot.thread === null || snapshot.thread === undefined ? world : withThread(world, snapshot.thread);
}

/** The state with a page of a conversation's messages and their runs. */
export function withThread(world, detail) {
  const { messages, earlier = world.earlier?.[detail.id] ?? null, ...thread } = detail;
  const runs = { ...world.runs };
  for (const { run } of messages) if (run) runs[run.id] = newer(world.runs[run.id], run);
  const received = messages.map(({ run, ...message }) => ({ ...message, run_id: run ? run.id : null }));
  const known = world.messages[thread.id] ?? [];
  const later = known.filter((one) => !received.some((other) => other.id === one.id));
  return {
    ...world,
    runs,
    threads: { ...world.threads, [thread.id]: thread },
    messages: { ...world.messages, [thread.id]: [...received, ...later] },
    earlier: { ...world.earlier, [thread.id]: earlier },
  };
}

/** The state with an earlier page of messages. The conversation's own fields are newer in the state. */
export function withEarlier(world, detail) {
  if (!(detail.id in world.messages)) return world;
  return { ...withThread(world, detail), threads: world.threads };
}

/** The state with more of a list. Rows that are already known are newer. */
export function withMore(world, kind, { results, next }) {
  return { ...world, [kind]: { ...table(results), ...world[kind] }, more: { ...world.more, [kind]: next } };
}

/** The newer of two versions of a run: events may have overtaken the fetch. */
export function newer(known, fetched) {
  const run = { ...fetched, events: settleTexts(fetched.events ?? []) };
  if (known === undefined) return run;
  const ended = !OPEN.has(known.state) && OPEN.has(run.state);
  const begun = known.state !== "queued" && run.state === "queued";
  if (ended || begun) return known;
  const [more, less] = run.events.length >= known.events.length ? [run, known] : [known, run];
  return { ...run, events: withTexts(more.events, less.events) };
}
