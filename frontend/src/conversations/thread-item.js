import { useState } from "preact/hooks";
import { api } from "../api.js";
import { Confirm } from "../components/dialog.js";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { RenameField } from "../components/rename-field.js";
import { UserText } from "../components/user-text.js";
import { formatMoment, formatWhen } from "../format.js";
import { html } from "../html.js";
import { StateMark } from "../run/state-mark.js";
import { notifyError } from "../state/notices.js";
import { go, NEW, openThread } from "../state/route.js";
import { changeOne, takeEvent } from "../state/store.js";
import { t } from "../texts.js";

export function ThreadItem({ thread, onGo }) {
  const [doing, setDoing] = useState(null);
  const current = openThread.value === thread.id;
  const open = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(thread.id);
    onGo();
  };
  const done = () => setDoing(null);
  if (doing === "rename") return html`<li class="item editing"><${RenameField} thread=${thread} onDone=${done} /></li>`;
  return html`<li class=${current ? "item current" : "item"}>
    <a class="item-link" href=${`#/${thread.id}`} onClick=${open} aria-current=${current ? "page" : null} title=${thread.title}>
      <${StateMark} state=${thread.state} quiet=${true} />
      ${thread.pinned && html`<span class="item-pin"><${Icon} name="pin" size=${13} /><span class="unseen">${t("thread.pinned")}</span></span>`}
      <${UserText} className="item-name">${thread.title}<//>
      <time class="item-when" datetime=${thread.updated_at} title=${formatMoment(thread.updated_at)}>${formatWhen(thread.updated_at)}</time>
    </a>
    <${Menu} label=${t("thread.actions", { title: thread.title })} className="item-menu" button=${html`<${Icon} name="more" />`}>
      ${(close) => html`
        <button type="button" class="menu-item" onClick=${() => (close(), setDoing("rename"))}>
          <${Icon} name="edit" /> ${t("rename")}
        </button>
        <button type="button" class="menu-item" onClick=${() => (close(), void pin(thread, !thread.pinned))}>
          <${Icon} name="pin" /> ${t(thread.pinned ? "thread.unpin" : "thread.pin")}
        </button>
        <a class="menu-item" href=${`/api/threads/${thread.id}/conversation.md`} download onClick=${close}>
          <${Icon} name="download" /> ${t("thread.export")}
        </a>
        <button type="button" class="menu-item bad" onClick=${() => (close(), setDoing("delete"))}>
          <${Icon} name="bin" /> ${t("delete")}
        </button>`}
    <//>
    ${doing === "delete" && html`<${DeleteThread} thread=${thread} onDone=${done} />`}
  </li>`;
}

/** Pins or unpins a conversation at once, and takes it back if the server refuses. */
async function pin(thread, pinned) {
  changeOne("threads", thread.id, { pinned });
  try {
    await api.patch(`threads/${thread.id}/`, { pinned });
  } catch (error) {
    changeOne("threads", thread.id, { pinned: thread.pinned });
    notifyError(error);
  }
}

function DeleteThread({ thread, onDone }) {
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
