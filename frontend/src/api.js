/** Requests to the REST API under /api/: session cookie, CSRF header, errors as ApiError. */
import { recordServerTime } from "./state/clock-skew.js";
import { t } from "./texts.js";

export class ApiError extends Error {
  constructor(status, body) {
    super(body.message ?? t("error.unknown"));
    this.name = "ApiError";
    this.status = status;
    this.code = body.code ?? "unknown";
    this.fields = body.fields ?? {};
    this.body = body;
  }
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

async function call(method, path, body, type = "application/json") {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = type;
  const options = { method, headers, credentials: "same-origin", redirect: "error" };
  if (body !== undefined) options.body = type === "application/json" ? JSON.stringify(body) : body;
  const response = await fetch(`/api/${path}`, options).catch(() => {
    throw new ApiError(0, { code: "unreachable", message: t("error.unreachable") });
  });
  recordServerTime(response.headers.get("Date"));
  if (response.status === 204) return null;
  const parsed = await response.json().catch(() => ({}));
  if (response.status === 401) dispatchEvent(new Event("netra:signed-out"));
  if (!response.ok) throw new ApiError(response.status, parsed);
  return parsed;
}

export const api = {
  get: (path) => call("GET", path),
  post: (path, body = {}) => call("POST", path, body),
  patch: (path, body) => call("PATCH", path, body),
  remove: (path) => call("DELETE", path),
  put: (path, body) => call("PUT", path, body),
  putFile: (path, file) => call("PUT", path, file, "application/octet-stream"),
};
