import { useLayoutEffect, useRef } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { notifyError } from "../state/notices.js";
import { changeOne } from "../state/store.js";
import { t } from "../texts.js";

/** A name, edited in place: Enter saves it, Esc cancels. `kind` is "threads" or "workloads". */
export function RenameField({ thread, onDone, kind = "threads", field = "title" }) {
  const input = useRef(null);
  const over = useRef(false);
  // Before it is painted, or the selection would move under what is typed at once.
  useLayoutEffect(() => {
    input.current.focus();
    input.current.select();
  }, []);
  const cancel = () => {
    over.current = true;
    onDone();
  };
  const save = async () => {
    // Removing a focused field from the page blurs it.
    if (over.current) return;
    const name = input.current.value.trim();
    const before = thread[field];
    cancel();
    if (name === "" || name === before) return;
    changeOne(kind, thread.id, { [field]: name });
    try {
      changeOne(kind, thread.id, { [field]: (await api.patch(`${kind}/${thread.id}/`, { [field]: name }))[field] });
    } catch (error) {
      changeOne(kind, thread.id, { [field]: before });
      notifyError(error);
    }
  };
  const keys = (event) => {
    event.stopPropagation();
    if (event.key === "Enter") void save();
    if (event.key === "Escape") cancel();
  };
  return html`<input class="rename" ref=${input} dir="auto" value=${thread[field]} maxlength="200" aria-label=${t("newName")}
    onKeyDown=${keys} onBlur=${save} />`;
}
