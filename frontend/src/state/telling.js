/** Which events are worth a word to somebody who cannot see them: not each step, only where a run stands. */
import { announce } from "./announce.js";
import { notify, notifySystem } from "./notices.js";
import { go, openThread } from "./route.js";
import { threads } from "./store.js";
import { t } from "../texts.js";

export function tell(event) {
  const top = event.parent_request_id === null;
  const here = event.thread_id === openThread.value;
  if (event.type === "agent_started" && top && here) announce(t("run.started"));
  if (event.type === "agent_completed" && !top && here) announce(t("agent.finished", { title: titleOf(event) }));
  if ((event.type === "agent_completed" || event.type === "agent_error") && top) ended(event, here);
}

const titleOf = (event) => event.title ?? event.agent;

function outcome(event) {
  if (event.type === "agent_error") return event.code === "cancelled" ? "cancelled" : "failed";
  return event.outcome;
}

function ended(event, here) {
  const how = outcome(event);
  const title = threads.value[event.thread_id]?.title ?? "";
  const text = t(`run.ended.${how}`);
  if (here) announce(text);
  if (here && !document.hidden) return;
  notify({ kind: how === "failed" ? "bad" : "good", text, threadId: event.thread_id, threadTitle: title });
  notifySystem(text, title, () => go(event.thread_id));
}
