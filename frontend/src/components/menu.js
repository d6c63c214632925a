import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";

/** A button that opens a small panel. It closes on Esc, on a choice, and when the focus or a click is outside it. */
export function Menu({ label, button, children, className = "", up = false }) {
  const [open, setOpen] = useState(false);
  const element = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    element.current.lastElementChild.scrollIntoView({ block: "nearest" });
    const elsewhere = (event) => {
      // While the menu is being removed there is no element any more.
      if (element.current?.contains(event.target) === false) setOpen(false);
    };
    addEventListener("pointerdown", elsewhere);
    addEventListener("focusin", elsewhere);
    return () => {
      removeEventListener("pointerdown", elsewhere);
      removeEventListener("focusin", elsewhere);
    };
  }, [open]);
  const keys = (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
    element.current.querySelector("button").focus();
  };
  return html`<div class=${`menu ${className}`} ref=${element} onKeyDown=${keys}>
    <button type="button" class="button ghost menu-button" aria-label=${label} aria-expanded=${open}
      onClick=${() => setOpen(!open)}>${button}</button>
    ${open && html`<div class=${up ? "menu-panel up" : "menu-panel"}>${children(() => setOpen(false))}</div>`}
  </div>`;
}
