/** Getting messages to the server: one run each, whatever breaks in between. */
import { announce } from "./announce.js";
import { adoptChoices, chosenAssumptions, chosenLog } from "./choices.js";
import { carryDraft } from "./drafts.js";
import { asStart, outbox, pack, refuse, taken } from "./outbox.js";
import { go, NEW, openThread } from "./route.js";
import { runQueued } from "./run.js";
import { boot } from "./status.js";
import { messages, takeRun, takeThread, threads, workloads } from "./store.js";
import { arriving, transferOf } from "./transfers.js";
import { t } from "../texts.js";

const inFlight = new Set();

/** Puts a question into the open conversation: about the log that is on its way there, or its own. */
export function ask(text, about = ofTheMoment()) {
  const threadId = openThread.value === NEW ? null : openThread.value;
  pack({ text, threadId, ...about });
  dispatchEvent(new Event("netra:sent"));
  announce(t("run.sent"));
}

function ofTheMoment() {
  if (arriving.value !== null) return { workloadId: null, transferId: arriving.value.id, assumptions: {} };
  return { workloadId: chosenLog.value?.id ?? null, assumptions: chosenAssumptions.value };
}

/** Sends what may go now; a message waits for its log to arrive and to be read, and for the one before that makes its conversation. */
export function pump(client) {
  if (boot.value !== "ready") return;
  for (const message of outbox.value) {
    if (message.refused !== null || inFlight.has(message.client_id)) continue;
    if (message.transfer_id) {
      if ((transferOf(message.transfer_id)?.state ?? "failed") === "failed") {
        refuse(message.client_id, t("message.notUploaded"));
      }
      continue;
    }
    const log = message.workload_id === null ? null : workloads.value[message.workload_id];
    if (log && ["queued", "reading"].includes(log.state)) continue;
    if (log?.state === "failed") refuse(message.client_id, t("log.unread"));
    else void send(client, message);
  }
}

async function send(client, message) {
  inFlight.add(message.client_id);
  try {
    settle(message, await client.start(asStart(message)));
  } catch (error) {
    refuse(message.client_id, error.message);
  } finally {
    inFlight.delete(message.client_id);
  }
}

/** Once more, what the server refused. */
export function sendAgain(message) {
  taken(message.client_id);
  pack({
    text: message.text,
    threadId: message.thread_id,
    ...(message.transfer_id
      ? ofTheMoment()
      : { workloadId: message.workload_id, assumptions: message.assumptions }),
  });
}

/** An event may tell of a message before the server's answer does. */
export function recognise(event) {
  if (event.type !== "run_queued" || !event.client_id) return;
  const message = outbox.value.find((known) => known.client_id === event.client_id);
  if (message !== undefined) settle(message, runQueued(event), event.title);
}

function settle(message, run, title = null) {
  if (message.thread_id === null) begun(message, run, title);
  takeRun(run);
  taken(message.client_id);
}

/** The server has made a conversation for the message: it is all that is in it, so nothing needs to be fetched. */
function begun(message, run, title) {
  if (!(run.thread_id in messages.value)) {
    const { id, created_at } = run;
    const known = threads.value[run.thread_id] ?? { title: title ?? message.text.slice(0, 80), created_at };
    const first = { id: run.message_id, client_id: message.client_id, text: message.text, created_at, run };
    takeThread({ updated_at: created_at, state: run.state, ...known, id: run.thread_id, messages: [first] });
    if (id && openThread.value === NEW) adoptChoices(run.thread_id);
  }
  if (openThread.value !== NEW) return;
  carryDraft(NEW, run.thread_id);
  go(run.thread_id);
}
