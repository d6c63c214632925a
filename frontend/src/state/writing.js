/** A language model's text while it is written: whole each time, until the thought comes that it becomes. Pure. */

const isWriting = (event) => event.type === "agent_writing";

/** Which text an event tells: null where it is none, or one that was never told while it was written. */
export function textOf(event) {
  if (!isWriting(event) && event.type !== "agent_thinking") return null;
  return typeof event.part === "number" ? `${event.request_id} ${event.part}` : null;
}

/** Whether a text so far says nothing new to somebody who knows `events`. */
export function outdated(events, event) {
  if (!isWriting(event)) return false;
  const text = textOf(event);
  return events.some((known) => textOf(known) === text && (!isWriting(known) || later(known, event)));
}

function later(known, event) {
  const ahead = Date.parse(known.at) - Date.parse(event.at);
  return ahead > 0 || (ahead === 0 && known.text.length > event.text.length);
}

/** The events without the text so far that `event` takes the place of. */
export function without(events, event) {
  const text = textOf(event);
  return text === null ? events : events.filter((known) => !isWriting(known) || textOf(known) !== text);
}

/** A list with at most one text so far for each text, and none for those that are done. */
export function settled(events) {
  if (!events.some(isWriting)) return events;
  return events.reduce((kept, event) => (outdated(kept, event) ? kept : [...without(kept, event), event]), []);
}

/** `events` with the texts so far that only `others` tell, or tell further. */
export function withTexts(events, others) {
  return settled([...events, ...others.filter(isWriting)]);
}
