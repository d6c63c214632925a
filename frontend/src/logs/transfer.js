/** Uploads a file in parts. An upload resumes after a break, and after a reload once the same file is chosen again. */
import { api, ApiError, csrfToken } from "../api.js";
import { backoff } from "../client/index.js";
import { roomForLeft } from "../components/side-column.js";
import { formatBytes } from "../format.js";
import { chooseLog } from "../state/choices.js";
import { me } from "../state/me.js";
import { notify } from "../state/notices.js";
import { attachLog } from "../state/outbox.js";
import { openThread } from "../state/route.js";
import { refreshStorage } from "../state/storage-quota.js";
import { dropOne, takeOne } from "../state/store.js";
import { changeTransfer, dropTransfer, transfers } from "../state/transfers.js";
import { t } from "../texts.js";
import { uuid } from "../uuid.js";

export const uploadAll = (files) => [...files].forEach((file) => void uploadFile(file));

export async function uploadFile(file) {
  const limit = me.value.limits.upload_bytes;
  if (file.size === 0) return notify({ kind: "bad", text: t("upload.empty", { name: file.name }) });
  if (file.size > limit) {
    return notify({ kind: "bad", text: t("upload.tooLarge", { name: file.name, limit: formatBytes(limit) }) });
  }
  const stop = new AbortController();
  const id = uuid();
  const fresh = { id, name: file.name, size: file.size, sent: 0, state: "starting", error: null, uploadId: null };
  transfers.value = [...transfers.value, { ...fresh, threadId: openThread.value, stop }];
  try {
    const upload = (await findUnfinished(file)) ?? (await createUpload(file));
    takeOne("uploads", upload);
    changeTransfer(id, { uploadId: upload.id, sent: upload.offset });
    await sendParts(id, file, upload, stop.signal);
    dropTransfer(id);
  } catch (error) {
    if (stop.signal.aborted) return dropTransfer(id);
    if (error.code === "over_quota") void refreshStorage();
    failTransfer(id, error);
  }
}

function failTransfer(id, error) {
  changeTransfer(id, { state: "failed", error: error.message });
  const { name, sent } = transfers.value.find((known) => known.id === id) ?? {};
  // If the list of logs is hidden, nothing else would show it.
  if (name && !roomForLeft.value) notify({ kind: "bad", text: t(sent === 0 ? "upload.refusedOf" : "upload.failedOf", { name, error: error.message, sent: formatBytes(sent) }) });
}

const createUpload = (file) =>
  api.post("uploads/", { name: file.name, size: file.size, fingerprint: getFingerprint(file) });

/** Finds an unfinished upload of this file. If the file has changed since, that upload is discarded. */
async function findUnfinished(file) {
  const { results } = await api.get("uploads/");
  const busy = new Set(transfers.value.map((known) => known.uploadId));
  const same = results.filter((one) => one.name === file.name && !busy.has(one.id));
  const match = same.find((one) => one.size === file.size && one.fingerprint === getFingerprint(file));
  if (match !== undefined) return match;
  for (const stale of same.filter((one) => one.fingerprint !== null)) {
    await discardUpload(stale.id);
    notify({ text: t("upload.changed", { name: file.name }) });
  }
  return null;
}

async function sendParts(id, file, upload, stop) {
  let offset = upload.offset;
  for (let failures = 0; ; ) {
    const part = { upload, file, offset, most: me.value.limits.part_bytes, fingerprint: upload.fingerprint, stop };
    try {
      changeTransfer(id, { state: "sending", sent: offset });
      const answer = await sendPart(part, (sent) => changeTransfer(id, { sent }));
      failures = 0;
      offset = answer.offset;
      if (answer.workload) return finishUpload(id, upload, answer.workload);
    } catch (error) {
      if (error.code === "offset_mismatch") {
        offset = error.body.offset;
      } else {
        if (stop.aborted || !isTransient(error)) throw error;
        changeTransfer(id, { state: "waiting", error: error.message });
        await pause(backoff(failures++), stop);
        offset = await fetchOffset(upload, offset);
      }
    }
  }
}

/** Whether an error may be temporary. */
const isTransient = (error) => [0, 408, 429, 500, 502, 503, 504].includes(error.status);

async function fetchOffset(upload, offset) {
  try {
    return (await api.get(`uploads/${upload.id}/`)).offset;
  } catch (error) {
    if (isTransient(error)) return offset;
    throw error;
  }
}

function finishUpload(id, upload, workload) {
  dropOne("uploads", upload.id);
  takeOne("workloads", workload);
  attachLog(id, workload.id);
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

export async function discardUpload(uploadId) {
  for (const known of transfers.value.filter((one) => one.uploadId === uploadId)) known.stop.abort();
  transfers.value = transfers.value.filter((one) => one.uploadId !== uploadId);
  try {
    await api.remove(`uploads/${uploadId}/`);
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  dropOne("uploads", uploadId);
}

/** Removes a failed transfer from the page. Its upload stays on the server and can be resumed. */
export const dismissTransfer = (transfer) => dropTransfer(transfer.id);

async function sendPart({ upload, file, offset, most, fingerprint, stop }, onSent) {
  const part = await readBytes(file.slice(offset, offset + most));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PATCH", `/api/uploads/${upload.id}/`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Upload-Offset", String(offset));
    if (fingerprint !== null) request.setRequestHeader("Upload-Fingerprint", fingerprint);
    request.upload.onprogress = (progress) => onSent(offset + progress.loaded);
    request.onload = () => settleRequest(request, resolve, reject);
    request.onerror = () => reject(new ApiError(0, { code: "unreachable", message: t("error.unreachable") }));
    request.onabort = () => reject(new ApiError(0, { code: "aborted", message: t("upload.stopped") }));
    if (stop.aborted) request.onabort();
    else {
      stop.addEventListener("abort", () => request.abort());
      request.send(part);
    }
  });
}

async function readBytes(blob) {
  try {
    return await blob.arrayBuffer();
  } catch {
    // The browser refuses to read a file that was changed after it was chosen.
    throw new ApiError(409, { code: "file_changed", message: t("upload.unreadable") });
  }
}

function settleRequest(request, resolve, reject) {
  const body = parseBody(request.responseText);
  if (request.status === 200) resolve(body);
  else reject(new ApiError(request.status, body));
}

function parseBody(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const getFingerprint = (file) => `${file.size}-${file.lastModified}`;
