import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";

const WORDLESS_MS = 400;

/** Shows a spinner and what the page is waiting for, after a short delay, so that quick answers don't flicker. */
export function Spinner({ children }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), WORDLESS_MS);
    return () => clearTimeout(timer);
  }, []);
  return late ? html`<p class="wait"><span class="spinner" aria-hidden="true"></span> ${children}</p>` : null;
}
