/** One part of a file. XMLHttpRequest, because fetch does not tell how far a body has got. */
import { ApiError, csrfToken } from "../api.js";
import { t } from "../texts.js";

export async function sendPart({ upload, file, offset, most, fingerprint, stop }, onSent) {
  const part = await read(file.slice(offset, offset + most));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PATCH", `/api/uploads/${upload.id}/`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Upload-Offset", String(offset));
    if (fingerprint !== null) request.setRequestHeader("Upload-Fingerprint", fingerprint);
    request.upload.onprogress = (progress) => onSent(offset + progress.loaded);
    request.onload = () => settle(request, resolve, reject);
    request.onerror = () => reject(new ApiError(0, { code: "unreachable", message: t("error.unreachable") }));
    request.onabort = () => reject(new ApiError(0, { code: "aborted", message: t("upload.stopped") }));
    if (stop.aborted) request.onabort();
    else {
      stop.addEventListener("abort", () => request.abort());
      request.send(part);
    }
  });
}

async function read(blob) {
  try {
    return await blob.arrayBuffer();
  } catch {
    // The browser refuses to read a file that was written to since it was chosen.
    throw new ApiError(409, { code: "file_changed", message: t("upload.unreadable") });
  }
}

function settle(request, resolve, reject) {
  const body = parsed(request.responseText);
  if (request.status === 200) resolve(body);
  else reject(new ApiError(request.status, body));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
