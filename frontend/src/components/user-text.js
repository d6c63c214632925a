import { html } from "../html.js";

/** Text from a user or a log: always plain text, in its own direction. */
export function UserText({ children, className }) {
  return html`<bdi dir="auto" class=${className}>${children}</bdi>`;
}
