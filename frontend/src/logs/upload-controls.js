import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { html } from "../html.js";
import { t } from "../texts.js";
import { uploadAll } from "./transfer.js";

const isDragging = signal(false);

/** Opens the browser's file dialog; several files can be chosen. */
export function UploadButton({ primary = false, small = false, label = t("upload") }) {
  const input = useRef(null);
  const chosen = (event) => {
    uploadAll(event.currentTarget.files);
    // The same file can be chosen again, to resume its upload.
    event.currentTarget.value = "";
  };
  return html`<button type="button" class=${`button ${primary ? "primary" : ""} ${small ? "small" : ""}`} onClick=${() => input.current.click()}>
      <${Icon} name="upload" size=${16} /> ${label}
    </button>
    <input ref=${input} class="unseen" type="file" multiple tabindex="-1" aria-hidden="true" onChange=${chosen} />`;
}

/** Uploads files that are dropped anywhere on the page, or pasted. */
export function DropZone() {
  useEffect(() => {
    let depth = 0;
    const carries = (event) => event.dataTransfer?.types.includes("Files");
    const listeners = {
      dragenter: (event) => {
        if (!carries(event)) return;
        depth += 1;
        isDragging.value = true;
      },
      dragleave: () => {
        depth = Math.max(0, depth - 1);
        isDragging.value = depth > 0;
      },
      dragover: (event) => carries(event) && event.preventDefault(),
      drop: (event) => {
        if (!carries(event)) return;
        event.preventDefault();
        depth = 0;
        isDragging.value = false;
        uploadAll(event.dataTransfer.files);
      },
      paste: (event) => {
        if (!event.clipboardData?.files.length) return;
        event.preventDefault();
        uploadAll(event.clipboardData.files);
      },
    };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
  }, []);
  if (!isDragging.value) return null;
  return html`<div class="drop-over" aria-hidden="true"><div><${Icon} name="upload" size=${32} /> ${t("upload.dropHere")}</div></div>`;
}
