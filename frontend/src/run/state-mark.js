import { Icon } from "../components/icon.js";
import { html } from "../html.js";
import { t } from "../texts.js";

const ICONS = {
  queued: "clock",
  running: null,
  waiting_approval: "clock",
  completed: "check",
  degraded: "alert",
  failed: "cross",
  cancelled: "dash",
};

/** A state as an icon and a word. `quiet` keeps the word for screen readers only, and shows nothing for a finished run. */
export function StateMark({ state, quiet = false }) {
  if (!(state in ICONS)) return quiet ? html`<span class="mark none"></span>` : null;
  if (quiet && (state === "completed" || state === "degraded")) return html`<span class="mark none"></span>`;
  const icon = ICONS[state];
  return html`<span class=${`mark ${state}`} title=${quiet ? t(`state.${state}`) : null}>
    ${icon === null ? html`<span class="pulse" aria-hidden="true"></span>` : html`<${Icon} name=${icon} size=${14} />`}
    <span class="unseen">${t(`state.${state}`)}</span>
  </span>`;
}
