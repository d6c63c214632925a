/**
 * Messages that the server has not accepted yet. Each has its own client_id, so sending it again after a reconnection
 * or a reload starts only one run.
 */
import { signal } from "@preact/signals";
import { t } from "../texts.js";
import { uuid } from "../uuid.js";
import { adoptChoices, chosenAssumptions, chosenLog } from "./choices.js";
import { moveDraft } from "./drafts.js";
import { isChanging } from "./log-changes.js";
import { userStorage } from "./me.js";
import { announce } from "./notices.js";
import { go, NEW, openThread } from "./route.js";
import { createRun } from "./run-reducer.js";
import { boot } from "./status.js";
import { messages, takeRun, takeThread, threads, workloads } from "./store.js";
import { activeTransfer, findTransfer } from "./transfers.js";

/** [{client_id, text, thread_id, workload_id, transfer_id, assumptions, created_at, refused: message | null}];
 * a message with a transfer is about the log that it becomes. */
export const outbox = signal([]);

function saveOutbox(list) {
  outbox.value = list;
  userStorage.tab().set("outbox", list);
}

export function loadOutbox() {
  outbox.value = userStorage.tab().get("outbox") ?? [];
}

function enqueueMessage({ text, threadId, workloadId, transferId = null, assumptions }) {
  const message = {
    client_id: uuid(),
    text,
    thread_id: threadId,
    workload_id: workloadId,
    transfer_id: transferId,
    assumptions,
    created_at: new Date().toISOString(),
    refused: null,
  };
  saveOutbox([...outbox.value, message]);
  return message;
}

export const removeMessage = (clientId) => saveOutbox(outbox.value.filter((message) => message.client_id !== clientId));

const markRefused = (clientId, reason) =>
  saveOutbox(outbox.value.map((message) => (message.client_id === clientId ? { ...message, refused: reason } : message)));

/** Points messages at the log that their upload has become. */
export const attachLog = (transferId, workloadId) =>
  saveOutbox(
    outbox.value.map((message) =>
      message.transfer_id === transferId ? { ...message, transfer_id: null, workload_id: workloadId } : message,
    ),
  );

/** The browser's time zone; undefined if it does not know any. */
function getTimeZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === "Etc/Unknown" ? undefined : zone;
}

/** The fields of a start frame, without those that are not set. */
function toStartFrame(message) {
  const { client_id, text, thread_id, workload_id, assumptions } = message;
  const start = { client_id, text, time_zone: getTimeZone() };
  if (thread_id) start.thread_id = thread_id;
  if (workload_id) start.workload_id = workload_id;
  // All else is kept with the log; the model may have been chosen a moment ago.
  if (assumptions?.assume_model) start.assumptions = { assume_model: assumptions.assume_model };
  return start;
}

const inFlight = new Set();

/** Adds a question to the open conversation, about the log being uploaded or the selected one. */
export function askQuestion(text, about = getSubject()) {
  const threadId = openThread.value === NEW ? null : openThread.value;
  enqueueMessage({ text, threadId, ...about });
  dispatchEvent(new Event("netra:sent"));
  announce(t("run.sent"));
}

function getSubject() {
  if (activeTransfer.value !== null) return { workloadId: null, transferId: activeTransfer.value.id, assumptions: {} };
  return { workloadId: chosenLog.value?.id ?? null, assumptions: chosenAssumptions.value };
}

/** Sends the messages that can go now. A message waits until its log has been uploaded and read and its new prices are kept. */
export function sendPending(client) {
  if (boot.value !== "ready") return;
  for (const message of outbox.value) {
    if (message.refused !== null || inFlight.has(message.client_id)) continue;
    if (message.transfer_id) {
      if ((findTransfer(message.transfer_id)?.state ?? "failed") === "failed") {
        markRefused(message.client_id, t("message.notUploaded"));
      }
      continue;
    }
    const log = message.workload_id === null ? null : workloads.value[message.workload_id];
    if (log && (isChanging(log.id) || ["queued", "reading"].includes(log.state))) continue;
    if (log?.state === "failed") markRefused(message.client_id, t("log.unread"));
    else void sendMessage(client, message);
  }
}

async function sendMessage(client, message) {
  inFlight.add(message.client_id);
  try {
    settleMessage(message, await client.start(toStartFrame(message)));
  } catch (error) {
    markRefused(message.client_id, error.message);
  } finally {
    inFlight.delete(message.client_id);
  }
}

/** Sends a refused message again, as a new one. */
export function sendAgain(message) {
  removeMessage(message.client_id);
  enqueueMessage({
    text: message.text,
    threadId: message.thread_id,
    ...(message.transfer_id
      ? getSubject()
      : { workloadId: message.workload_id, assumptions: message.assumptions }),
  });
}

/** An event may arrive before the server's answer to the message. */
export function settleFromEvent(event) {
  if (event.type !== "run_queued" || !event.client_id) return;
  const message = outbox.value.find((known) => known.client_id === event.client_id);
  if (message !== undefined) settleMessage(message, createRun(event), event.title);
}

function settleMessage(message, run, title = null) {
  if (message.thread_id === null) adoptThread(message, run, title);
  takeRun(run);
  removeMessage(message.client_id);
}

/** The server has created a conversation for the message. It contains only this message, so nothing needs to be fetched. */
function adoptThread(message, run, title) {
  if (!(run.thread_id in messages.value)) {
    const { id, created_at } = run;
    const known = threads.value[run.thread_id] ?? { title: title ?? message.text.slice(0, 80), created_at };
    const first = { id: run.message_id, client_id: message.client_id, text: message.text, created_at, run };
    takeThread({ updated_at: created_at, state: run.state, ...known, id: run.thread_id, messages: [first] });
    if (id && openThread.value === NEW) adoptChoices(run.thread_id);
  }
  if (openThread.value !== NEW) return;
  moveDraft(NEW, run.thread_id);
  go(run.thread_id);
}
