/**
 * Messages that the server has not taken yet. Each has a client_id of its own, so sending it again after a
 * reconnection or a reload starts one run only.
 */
import { signal } from "@preact/signals";
import { mine } from "./me.js";
import { uuid } from "./uuid.js";

/** [{client_id, text, thread_id, workload_id, transfer_id, assumptions, created_at, refused: message | null}]; it is asked
 * of the log that the transfer becomes. */
export const outbox = signal([]);

function keep(list) {
  outbox.value = list;
  mine.tab().set("outbox", list);
}

export function loadOutbox() {
  outbox.value = mine.tab().get("outbox") ?? [];
}

export function pack({ text, threadId, workloadId, transferId = null, assumptions }) {
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
  keep([...outbox.value, message]);
  return message;
}

export const taken = (clientId) => keep(outbox.value.filter((message) => message.client_id !== clientId));

export const refuse = (clientId, reason) =>
  keep(outbox.value.map((message) => (message.client_id === clientId ? { ...message, refused: reason } : message)));

/** A file has become a log. */
export const arrived = (transferId, workloadId) =>
  keep(
    outbox.value.map((message) =>
      message.transfer_id === transferId ? { ...message, transfer_id: null, workload_id: workloadId } : message,
    ),
  );

/** The frame's fields: what is not given is left out. */
export function asStart(message) {
  const { client_id, text, thread_id, workload_id, assumptions } = message;
  const start = { client_id, text };
  if (thread_id) start.thread_id = thread_id;
  if (workload_id) start.workload_id = workload_id;
  if (Object.keys(assumptions).length > 0) start.assumptions = assumptions;
  return start;
}
