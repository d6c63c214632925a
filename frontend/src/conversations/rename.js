import { useEffect, useRef } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { notifyError } from "../state/notices.js";
import { changeOne } from "../state/store.js";
import { t } from "../texts.js";

/** A name, edited in place: Enter keeps it, Esc leaves it. `kind` is "threads" or "workloads". */
export function Rename({ thread, onDone, kind = "threads", field = "title" }) {
  const input = useRef(null);
  const over = useRef(false);
  useEffect(() => {
    input.current.focus();
    input.current.select();
  }, []);
  const leave = () => {
    over.current = true;
    onDone();
  };
  const keep = async () => {
    // Taking a focused field off the page blurs it.
    if (over.current) return;
    const name = input.current.value.trim();
    const before = thread[field];
    leave();
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
    if (event.key === "Enter") void keep();
    if (event.key === "Escape") leave();
  };
  return html`<input class="rename" ref=${input} dir="auto" value=${thread[field]} maxlength="200" aria-label=${t("newName")}
    onKeyDown=${keys} onBlur=${keep} />`;
}
