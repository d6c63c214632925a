import { html } from "../html.js";
import { bring } from "../logs/transfer.js";
import { t } from "../texts.js";

/** Text that looks like a log: read it as one, or keep it as text. */
export function Pasted({ text, onDone, onText }) {
  const read = () => {
    const kind = /^\s*[{[]/.test(text) ? "jsonl" : "csv";
    void bring(new File([text], `pasted.${kind}`, { lastModified: Date.now() }));
    onDone();
  };
  const keep = () => {
    onText();
    onDone();
  };
  return html`<div class="message info pasted" role="status">
    <p>${t("pasted.question", { n: text.trimEnd().split("\n").length })}</p>
    <div class="run-actions">
      <button type="button" class="button small primary" onClick=${read}>${t("pasted.upload")}</button>
      <button type="button" class="button ghost small" onClick=${keep}>${t("pasted.keep")}</button>
      <button type="button" class="button ghost small" onClick=${onDone}>${t("cancel")}</button>
    </div>
  </div>`;
}
