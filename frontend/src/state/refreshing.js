/** What an event says has changed, and does not tell itself, is fetched. */
import { api } from "../api.js";
import { notifyError } from "./notices.js";
import { messages, takeRun } from "./store.js";

/** What cannot be fetched now is left as it is: it may be gone already, and a later event tells. */
export async function refresh(path, take) {
  try {
    take(await api.get(path));
  } catch (error) {
    if (error.status !== 404) notifyError(error);
  }
}

/** Of runs that have ended, in conversations that are here: whether there is a report only the server knows. */
export function refreshEnded(events) {
  for (const event of events) {
    const over = ["agent_completed", "agent_error"].includes(event.type) && event.parent_request_id === null;
    if (over && event.thread_id in messages.value) void refresh(`runs/${event.run_id}/`, takeRun);
  }
}
