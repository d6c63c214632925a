import { useState } from "preact/hooks";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { announce } from "../state/announce.js";
import { notify } from "../state/notices.js";
import { t } from "../texts.js";

const SAID_MS = 2000;

export function CopyButton({ text }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      notify({ kind: "bad", text: t("copy.failed") });
      return;
    }
    setDone(true);
    announce(t("copy.done"));
    setTimeout(() => setDone(false), SAID_MS);
  };
  return html`<button type="button" class="button ghost small" onClick=${copy}>
    <${Icon} name=${done ? "check" : "copy"} size=${15} /> ${t(done ? "copy.done" : "copy")}
  </button>`;
}
