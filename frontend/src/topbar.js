import { useState } from "preact/hooks";
import { Icon } from "./components/icon.js";
import { RenameField } from "./components/rename-field.js";
import { roomForLeft } from "./components/side-column.js";
import { UserText } from "./components/user-text.js";
import { html } from "./html.js";
import { outbox } from "./state/outbox.js";
import { NEW, openThread } from "./state/route.js";
import { threads } from "./state/store.js";
import { t } from "./texts.js";

/** The open conversation's name, and the ways to the side columns. */
export function TopBar({ onMenu, right, onRight }) {
  const [naming, setNaming] = useState(false);
  const thread = threads.value[openThread.value];
  return html`<header class="topbar">
    ${!roomForLeft.value && html`<button type="button" class="button ghost square" onClick=${onMenu} aria-label=${t("nav.open")}><${Icon} name="menu" /></button>`}
    ${naming && thread
      ? html`<${RenameField} thread=${thread} onDone=${() => setNaming(false)} />`
      : html`<${Title} thread=${thread} onName=${() => setNaming(true)} />`}
    <button type="button" class="button ghost topbar-log" onClick=${onRight} aria-pressed=${right} aria-label=${t("panel.title")}>
      <${Icon} name="panel" /> <span class="topbar-word">${t("panel.short")}</span>
    </button>
  </header>`;
}

/** Whether a message begins a conversation that the server does not know yet: it takes the place of the start page and its heading. */
const isFirst = (message) => message.thread_id === null && openThread.value === NEW;

function Title({ thread, onName }) {
  if (!thread) return outbox.value.some(isFirst) ? html`<h1 class="topbar-title">${t("thread.new")}</h1>` : html`<p class="topbar-title">${t("thread.new")}</p>`;
  return html`<h1 class="topbar-title">
    <button type="button" class="topbar-name" onClick=${onName} title=${t("thread.renameThis")}><${UserText}>${thread.title}<//></button>
  </h1>`;
}
