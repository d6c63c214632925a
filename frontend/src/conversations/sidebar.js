import { html } from "../html.js";
import { LogList } from "../logs/list.js";
import { go, NEW, openThread } from "../state/route.js";
import { t } from "../texts.js";
import { Icon } from "../parts/icon.js";
import { AccountMenu } from "./account.js";
import { ThreadList } from "./list.js";

/** Left: conversations, logs, and who is signed in. `onGo` is called when the reader went somewhere. */
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
