/** A name from the user's log: text whatever it holds, in its own direction, cut when long. */
import { html } from "../html.js";
import { visible } from "./shape/visible.js";

const LONGEST = 60;

export function Name({ text }) {
  const shown = visible(text);
  const cut = shown.length > LONGEST ? `${shown.slice(0, LONGEST - 1)}…` : shown;
  return html`<bdi dir="auto" class="rp-name" title=${cut === shown ? undefined : shown.slice(0, 600)}>${cut}</bdi>`;
}
