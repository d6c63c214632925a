import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";

const WORDLESS_MS = 400;

/** Says what is waited for; the first moment says nothing, so that what is quick does not flicker. */
export function Wait({ children }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), WORDLESS_MS);
    return () => clearTimeout(timer);
  }, []);
  return late ? html`<p class="wait"><span class="spinner" aria-hidden="true"></span> ${children}</p>` : null;
}
