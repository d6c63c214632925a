/** Bringing a file in parts: it goes on after a break, and after a reload when the same file is chosen again. */
import { api } from "../api.js";
import { backoff } from "../client.js";
import { bytes } from "../format.js";
import { roomForLeft } from "../parts/wide.js";
import { chooseLog } from "../state/choices.js";
import { me } from "../state/me.js";
import { notify } from "../state/notices.js";
import { arrived } from "../state/outbox.js";
import { openThread } from "../state/route.js";
import { ask } from "../state/storage.js";
import { dropOne, takeOne } from "../state/store.js";
import { changeTransfer, dropTransfer, transfers } from "../state/transfers.js";
import { uuid } from "../state/uuid.js";
import { t } from "../texts.js";
import { sendPart } from "./part.js";

const fingerprintOf = (file) => `${file.size}-${file.lastModified}`;

export const bringAll = (files) => [...files].forEach((file) => void bring(file));

export async function bring(file) {
  const limit = me.value.limits.upload_bytes;
  if (file.size === 0) return notify({ kind: "bad", text: t("upload.empty", { name: file.name }) });
  if (file.size > limit) {
    return notify({ kind: "bad", text: t("upload.tooLarge", { name: file.name, limit: bytes(limit) }) });
  }
  const stop = new AbortController();
  const id = uuid();
  const fresh = { id, name: file.name, size: file.size, sent: 0, state: "starting", error: null, uploadId: null };
  transfers.value = [...transfers.value, { ...fresh, threadId: openThread.value, stop }];
  try {
    const upload = (await unfinished(file)) ?? (await announced(file));
    takeOne("uploads", upload);
    changeTransfer(id, { uploadId: upload.id, sent: upload.offset });
    await send(id, file, upload, stop.signal);
    dropTransfer(id);
  } catch (error) {
    if (stop.signal.aborted) return dropTransfer(id);
    if (error.code === "over_quota") void ask();
    failed(id, error);
  }
}

function failed(id, error) {
  changeTransfer(id, { state: "failed", error: error.message });
  const { name, sent } = transfers.value.find((known) => known.id === id) ?? {};
  // Where the list of files is out of sight, nothing else would tell.
  if (name && !roomForLeft.value) notify({ kind: "bad", text: t("upload.failedOf", { name, error: error.message, sent: bytes(sent) }) });
}

const announced = (file) =>
  api.post("uploads/", { name: file.name, size: file.size, fingerprint: fingerprintOf(file) });

/** What came of this very file before. Of a file that has changed since, nothing can be used. */
async function unfinished(file) {
  const { results } = await api.get("uploads/");
  const busy = new Set(transfers.value.map((known) => known.uploadId));
  const same = results.filter((one) => one.name === file.name && !busy.has(one.id));
  const match = same.find((one) => one.size === file.size && one.fingerprint === fingerprintOf(file));
  if (match !== undefined) return match;
  for (const stale of same.filter((one) => one.fingerprint !== null)) {
    await discard(stale.id);
    notify({ text: t("upload.changed", { name: file.name }) });
  }
  return null;
}

async function send(id, file, upload, stop) {
  let offset = upload.offset;
  for (let failures = 0; ; ) {
    const part = { upload, file, offset, most: me.value.limits.part_bytes, fingerprint: upload.fingerprint, stop };
    try {
      changeTransfer(id, { state: "sending", sent: offset });
      const answer = await sendPart(part, (sent) => changeTransfer(id, { sent }));
      failures = 0;
      offset = answer.offset;
      if (answer.workload) return finished(id, upload, answer.workload);
    } catch (error) {
      if (error.code === "offset_mismatch") {
        offset = error.body.offset;
      } else {
        if (stop.aborted || !passes(error)) throw error;
        changeTransfer(id, { state: "waiting", error: error.message });
        await pause(backoff(failures++), stop);
        offset = await came(upload, offset);
      }
    }
  }
}

/** Whether what went wrong may be over in a moment. */
const passes = (error) => [0, 408, 429, 500, 502, 503, 504].includes(error.status);

async function came(upload, offset) {
  try {
    return (await api.get(`uploads/${upload.id}/`)).offset;
  } catch (error) {
    if (passes(error)) return offset;
    throw error;
  }
}

function finished(id, upload, workload) {
  dropOne("uploads", upload.id);
  takeOne("workloads", workload);
  arrived(id, workload.id);
  chooseLog(workload.id);
}

function pause(ms, stop) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
    stop.addEventListener("abort", done);
  });
}

export async function discard(uploadId) {
  for (const known of transfers.value.filter((one) => one.uploadId === uploadId)) known.stop.abort();
  transfers.value = transfers.value.filter((one) => one.uploadId !== uploadId);
  try {
    await api.remove(`uploads/${uploadId}/`);
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  dropOne("uploads", uploadId);
}

/** Takes a failed one off the page; an upload that was begun stays on the server, to go on with later. */
export const putAway = (transfer) => dropTransfer(transfer.id);
