import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { t } from "../texts.js";
import { bringAll } from "./transfer.js";

const over = signal(false);

/** The whole page takes files: dropped anywhere, or pasted. */
export function DropZone() {
  useEffect(() => {
    let depth = 0;
    const carries = (event) => event.dataTransfer?.types.includes("Files");
    const listeners = {
      dragenter: (event) => {
        if (!carries(event)) return;
        depth += 1;
        over.value = true;
      },
      dragleave: () => {
        depth = Math.max(0, depth - 1);
        over.value = depth > 0;
      },
      dragover: (event) => carries(event) && event.preventDefault(),
      drop: (event) => {
        if (!carries(event)) return;
        event.preventDefault();
        depth = 0;
        over.value = false;
        bringAll(event.dataTransfer.files);
      },
      paste: (event) => {
        if (!event.clipboardData?.files.length) return;
        event.preventDefault();
        bringAll(event.clipboardData.files);
      },
    };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
  }, []);
  if (!over.value) return null;
  return html`<div class="drop-over" aria-hidden="true"><div><${Icon} name="upload" size=${32} /> ${t("upload.dropHere")}</div></div>`;
}
