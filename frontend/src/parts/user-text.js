import { html } from "../html.js";

/** What a user or a log wrote: always text, in its own direction. */
export function UserText({ children, className }) {
  return html`<bdi dir="auto" class=${className}>${children}</bdi>`;
}
