import { useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { me } from "../state/me.js";
import { t } from "../texts.js";

/** A question that is being edited: Enter asks it again, Esc leaves it as it was. */
export function EditedQuestion({ text, onAsk, onCancel }) {
  const input = useRef(null);
  // Before it is painted, or the selection would move under what is typed at once.
  useLayoutEffect(() => {
    input.current.focus();
    input.current.setSelectionRange(text.length, text.length);
    fitHeight(input.current);
  }, []);
  const ask = () => {
    const changed = input.current.value.trim();
    if (changed !== "" && changed.length <= me.value.limits.message_chars) onAsk(changed);
  };
  const keys = (event) => {
    // Elsewhere Esc stops the run.
    if (event.key === "Escape") {
      event.stopPropagation();
      onCancel();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    ask();
  };
  return html`<form class="edited" onSubmit=${(event) => (event.preventDefault(), ask())}>
    <textarea ref=${input} rows="1" dir="auto" maxlength=${me.value.limits.message_chars} aria-label=${t("message.editLabel")}
      onKeyDown=${keys} onInput=${(event) => fitHeight(event.currentTarget)}>${text}</textarea>
    <div class="run-actions">
      <button class="button small primary">${t("message.askEdited")}</button>
      <button type="button" class="button ghost small" onClick=${onCancel}>${t("cancel")}</button>
    </div>
  </form>`;
}

function fitHeight(element) {
  element.style.height = "auto";
  element.style.height = `${element.scrollHeight}px`;
}
