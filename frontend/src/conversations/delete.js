import { api } from "../api.js";
import { html } from "../html.js";
import { Confirm } from "../parts/confirm.js";
import { UserText } from "../parts/user-text.js";
import { takeEvent } from "../state/store.js";
import { go, NEW, openThread } from "../state/route.js";
import { t } from "../texts.js";

export function DeleteThread({ thread, onDone }) {
  const act = async () => {
    await api.remove(`threads/${thread.id}/`);
    takeEvent({ type: "thread_deleted", thread_id: thread.id });
    if (openThread.value === thread.id) go(NEW);
  };
  return html`<${Confirm} title=${t("thread.delete")} act=${act} label=${t("delete")} onClose=${onDone}>
    <p><strong><${UserText}>${thread.title}<//></strong></p>
    <p>${t("thread.deleteAbout")}</p>
  <//>`;
}
