import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api.js";
import { Icon } from "../components/icon.js";
import { formatDuration } from "../format.js";
import { html } from "../html.js";
import { useServerNow } from "../state/clock.js";
import { t } from "../texts.js";
import { JsonValue } from "./json-value.js";

const ICONS = { ok: "check", refused: "dash", failed: "cross", timeout: "clock", cancelled: "dash" };

/** One tool call: a line that opens to its input and output. */
export function ToolCall({ call, live }) {
  const [open, setOpen] = useState(false);
  const running = live && call.outcome === null;
  const now = useServerNow(running);
  const ms = call.duration ?? (running ? now - Date.parse(call.started) : null);
  const outcome = call.outcome ?? (running ? "running" : "cancelled");
  return html`<li class=${`call ${outcome}`}>
    <button type="button" class="call-line" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <${Icon} name="chevron" size=${14} />
      <span class="call-title">${call.title}</span>
      <${ArgumentSummary} value=${call.arguments} />
      <span class=${`call-outcome ${outcome}`}>
        ${ICONS[outcome] ? html`<${Icon} name=${ICONS[outcome]} size=${13} />` : html`<span class="pulse" aria-hidden="true"></span>`}
        <span class=${outcome === "ok" ? "unseen" : null}>${t(`outcome.${outcome}`)}</span>
      </span>
      <span class="step-time figure">${ms === null ? "" : formatDuration(ms)}</span>
    </button>
    ${call.error && html`<p class="call-error">${call.error}</p>`}
    ${open && html`<${CallDetails} call=${call} />`}
  </li>`;
}

/** The arguments in one line, if they are few and short. */
function ArgumentSummary({ value }) {
  if (value === null || typeof value !== "object") return null;
  const simple = Object.values(value).filter((one) => typeof one === "string" || typeof one === "number");
  if (simple.length === 0) return null;
  return html`<bdi dir="auto" class="call-brief">${simple.join(", ").slice(0, 60)}</bdi>`;
}

function CallDetails({ call }) {
  const given = call.arguments !== null && Object.keys(call.arguments ?? {}).length > 0;
  return html`<div class="call-inside">
    ${given && html`<h3>${t("tool.input")}</h3><${JsonValue} value=${call.arguments} />`}
    ${call.result !== undefined && call.result !== null && html`<${ToolResult} call=${call} />`}
    ${!given && (call.result ?? null) === null && html`<p class="quiet">${t("tool.nothing")}</p>`}
    <p class="quiet"><code>${call.tool}</code></p>
  </div>`;
}

/** A call's output as in the event. If it was shortened, a button loads all of it. */
function ToolResult({ call }) {
  const [found, setFound] = useState({ state: "preview" });
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  const fetchAll = async () => {
    setFound({ state: "fetching" });
    const next = await fetchResult(call);
    if (here.current) setFound(next);
  };
  const all = found.state === "all";
  return html`<h3>${t("tool.output")}</h3>
    <${JsonValue} value=${all ? found.result : call.result} />
    ${call.truncated && !all && html`<div class="call-whole">
      <p class="quiet">${t(found.state === "none" ? "tool.tooLarge" : "tool.truncated")}</p>
      ${found.state === "failed" && html`<p class="call-error" role="alert">${found.why}</p>`}
      ${found.state !== "none" && html`<button type="button" class="button small" disabled=${found.state === "fetching"} onClick=${() => void fetchAll()}>
        ${t("tool.showAll")}
      </button>`}
    </div>`}`;
}

async function fetchResult({ run, turn, key }) {
  try {
    const path = `runs/${encodeURIComponent(run)}/calls/${encodeURIComponent(key)}/?request_id=${encodeURIComponent(turn)}`;
    const { complete, result } = await api.get(path);
    return complete ? { state: "all", result } : { state: "none" };
  } catch (error) {
    return { state: "failed", why: error.message };
  }
}
