import { html } from "../html.js";
import { announcement } from "../state/announce.js";

export function LiveRegion() {
  return html`<div class="unseen" role="status" aria-live="polite">${announcement.value}</div>`;
}
