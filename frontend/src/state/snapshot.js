/** What the server answers, put into the world's tables. */
import { OPEN } from "./run.js";
import { settled, withTexts } from "./writing.js";

const table = (list) => Object.fromEntries(list.map((one) => [one.id, one]));

/** A whole new world; conversations that were open are loaded again when they are looked at. */
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

/** The world with a page of a conversation's messages and their runs, before those that are known. */
export function withThread(world, detail) {
  const { messages, earlier = world.earlier?.[detail.id] ?? null, ...thread } = detail;
  const runs = { ...world.runs };
  for (const { run } of messages) if (run) runs[run.id] = newer(world.runs[run.id], run);
  const kept = messages.map(({ run, ...message }) => ({ ...message, run_id: run ? run.id : null }));
  const known = world.messages[thread.id] ?? [];
  const later = known.filter((one) => !kept.some((other) => other.id === one.id));
  return {
    ...world,
    runs,
    threads: { ...world.threads, [thread.id]: thread },
    messages: { ...world.messages, [thread.id]: [...kept, ...later] },
    earlier: { ...world.earlier, [thread.id]: earlier },
  };
}

/** The same with the page before those that are known: what holds of the conversation itself was told since. */
export function withEarlier(world, detail) {
  if (!(detail.id in world.messages)) return world;
  return { ...withThread(world, detail), threads: world.threads };
}

/** The world with more of a list; what is known was told since. */
export function withMore(world, kind, { results, next }) {
  return { ...world, [kind]: { ...table(results), ...world[kind] }, more: { ...world.more, [kind]: next } };
}

/** Of two tellings of a run the one that knows more: events may have overtaken the fetch. */
export function newer(known, fetched) {
  const run = { ...fetched, events: settled(fetched.events ?? []) };
  if (known === undefined) return run;
  const ended = !OPEN.has(known.state) && OPEN.has(run.state);
  const begun = known.state !== "queued" && run.state === "queued";
  if (ended || begun) return known;
  const [more, less] = run.events.length >= known.events.length ? [run, known] : [known, run];
  return { ...run, events: withTexts(more.events, less.events) };
}
