import { useRef } from "preact/hooks";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { t } from "../texts.js";
import { bringAll } from "./transfer.js";

export function BringButton({ primary = false, small = false, label = t("upload") }) {
  const input = useRef(null);
  const chosen = (event) => {
    bringAll(event.currentTarget.files);
    // The same file can be chosen again: to go on with it.
    event.currentTarget.value = "";
  };
  return html`<button type="button" class=${`button ${primary ? "primary" : ""} ${small ? "small" : ""}`} onClick=${() => input.current.click()}>
      <${Icon} name="upload" size=${16} /> ${label}
    </button>
    <input ref=${input} class="unseen" type="file" multiple tabindex="-1" aria-hidden="true" data-bring onChange=${chosen} />`;
}
