import { Icon } from "../components/icon.js";
import { html } from "../html.js";
import { LogList } from "../logs/log-list.js";
import { go, NEW, openThread } from "../state/route.js";
import { t } from "../texts.js";
import { AccountMenu } from "./account-menu.js";
import { ThreadList } from "./thread-list.js";

/** The left column: conversations, logs and the account menu. `onGo` is called after navigation. */
export function Sidebar({ onGo }) {
  const begin = () => {
    go(NEW);
    onGo();
    requestAnimationFrame(() => document.querySelector("#question")?.focus());
  };
  return html`<div class="sidebar">
    <div class="brand">
      <span class="brand-mark" aria-hidden="true"><i></i><i></i><i></i></span> <span class="brand-name">${t("app.name")}</span>
    </div>
    <button type="button" class="button primary wide-button" onClick=${begin} aria-current=${openThread.value === NEW ? "page" : null}>
      <${Icon} name="plus" /> ${t("thread.new")}
    </button>
    <div class="sidebar-scroll">
      <${ThreadList} onGo=${onGo} />
      <${LogList} onGo=${onGo} />
    </div>
    <${AccountMenu} />
  </div>`;
}
