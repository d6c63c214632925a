import { useState } from "preact/hooks";
import { duration } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { useServerNow } from "../state/clock.js";
import { t } from "../texts.js";
import { Answered } from "./answered.js";
import { Value } from "./value.js";

const ICONS = { ok: "check", refused: "dash", failed: "cross", timeout: "clock", cancelled: "dash" };

/** One call of a tool: a line, with what it was given and what it answered folded away. */
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
      <${Brief} value=${call.arguments} />
      <span class=${`call-outcome ${outcome}`}>
        ${ICONS[outcome] ? html`<${Icon} name=${ICONS[outcome]} size=${13} />` : html`<span class="pulse" aria-hidden="true"></span>`}
        <span class=${outcome === "ok" ? "unseen" : null}>${t(`outcome.${outcome}`)}</span>
      </span>
      <span class="step-time figure">${ms === null ? "" : duration(ms)}</span>
    </button>
    ${call.error && html`<p class="call-error">${call.error}</p>`}
    ${open && html`<${Inside} call=${call} />`}
  </li>`;
}

/** The arguments at a glance, where they are few and short. */
function Brief({ value }) {
  if (value === null || typeof value !== "object") return null;
  const simple = Object.values(value).filter((one) => typeof one === "string" || typeof one === "number");
  if (simple.length === 0) return null;
  return html`<bdi dir="auto" class="call-brief">${simple.join(", ").slice(0, 60)}</bdi>`;
}

function Inside({ call }) {
  const given = call.arguments !== null && Object.keys(call.arguments ?? {}).length > 0;
  return html`<div class="call-inside">
    ${given && html`<h3>${t("tool.input")}</h3><${Value} value=${call.arguments} />`}
    ${call.result !== undefined && call.result !== null && html`<${Answered} call=${call} />`}
    ${!given && (call.result ?? null) === null && html`<p class="quiet">${t("tool.nothing")}</p>`}
    <p class="quiet"><code>${call.tool}</code></p>
  </div>`;
}
