import { useState } from "preact/hooks";
import { html } from "../html.js";
import { moment, when } from "../format.js";
import { Icon } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { UserText } from "../parts/user-text.js";
import { go, openThread } from "../state/route.js";
import { t } from "../texts.js";
import { StateMark } from "../run/mark.js";
import { DeleteThread } from "./delete.js";
import { Rename } from "./rename.js";

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
  if (doing === "rename") return html`<li class="item editing"><${Rename} thread=${thread} onDone=${done} /></li>`;
  return html`<li class=${current ? "item current" : "item"}>
    <a class="item-link" href=${`#/${thread.id}`} onClick=${open} aria-current=${current ? "page" : null} title=${thread.title}>
      <${StateMark} state=${thread.state} quiet=${true} />
      <${UserText} className="item-name">${thread.title}<//>
      <time class="item-when" datetime=${thread.updated_at} title=${moment(thread.updated_at)}>${when(thread.updated_at)}</time>
    </a>
    <${Menu} label=${t("thread.actions", { title: thread.title })} className="item-menu" button=${html`<${Icon} name="more" />`}>
      ${(close) => html`
        <button type="button" class="menu-item" onClick=${() => (close(), setDoing("rename"))}>
          <${Icon} name="edit" /> ${t("rename")}
        </button>
        <button type="button" class="menu-item bad" onClick=${() => (close(), setDoing("delete"))}>
          <${Icon} name="bin" /> ${t("delete")}
        </button>`}
    <//>
    ${doing === "delete" && html`<${DeleteThread} thread=${thread} onDone=${done} />`}
  </li>`;
}
