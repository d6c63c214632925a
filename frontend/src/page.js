import { useEffect, useState } from "preact/hooks";
import { LiveRegion, Notices } from "./components/notices.js";
import { roomForLeft, roomForRight, SideColumn } from "./components/side-column.js";
import { LoadingScreen, StatusBanner } from "./connection-status.js";
import { ConsentRequests } from "./consent-requests.js";
import { Composer } from "./conversations/composer.js";
import { Sidebar } from "./conversations/sidebar.js";
import { Thread } from "./conversations/thread.js";
import { html } from "./html.js";
import { LogPanel } from "./logs/log-panel.js";
import { DropZone } from "./logs/upload-controls.js";
import { stopRun } from "./run/stop-button.js";
import { markSeen } from "./state/notices.js";
import { openThread } from "./state/route.js";
import { boot } from "./state/status.js";
import { openRun } from "./state/store.js";
import { t } from "./texts.js";
import { TopBar } from "./topbar.js";

const TYPING = "input, textarea, select, [contenteditable]";

export function Page() {
  return html`${boot.value === "ready" ? html`<${ChatLayout} />` : html`<${LoadingScreen} />`}<${LiveRegion} />`;
}

function ChatLayout() {
  const [left, setLeft] = useState(false);
  const [right, setRight] = useState(roomForRight.value);
  // A column beside the conversation must not cover it when the window narrows.
  useEffect(() => setRight(roomForRight.value), [roomForRight.value]);
  useShortcuts({ showLeft: () => setLeft(true) });
  useEffect(() => markSeen(openThread.value), [openThread.value]);
  const skip = (event) => {
    event.preventDefault();
    document.querySelector("#question").focus();
  };
  return html`<a class="skip" href="#question" onClick=${skip}>${t("skip")}</a>
    <div class="layout">
      <${SideColumn} as="nav" side="left" label=${t("nav")} wide=${roomForLeft.value} open=${roomForLeft.value || left} onClose=${() => setLeft(false)}>
        <${Sidebar} onGo=${() => setLeft(false)} />
      <//>
      <main class="main" id="main">
        <${TopBar} onMenu=${() => setLeft(true)} right=${right} onRight=${() => setRight(!right)} />
        <div class="banners"><${StatusBanner} /><${ConsentRequests} /></div>
        <${Thread} />
        <${Composer} onLog=${() => setRight(true)} />
      </main>
      <${SideColumn} as="aside" side="right" label=${t("panel.title")} wide=${roomForRight.value} open=${right} onClose=${() => setRight(false)}>
        <${LogPanel} />
      <//>
    </div>
    <${Notices} /><${DropZone} />`;
}

/** "/" searches, Esc stops the run. Open dialogs, menus and fields handle these keys first. */
function useShortcuts({ showLeft }) {
  useEffect(() => {
    const keys = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (event.key === "/" && !event.target.matches(TYPING)) {
        event.preventDefault();
        search(showLeft);
      }
      if (event.key === "Escape" && openRun.value !== null) void stopRun(openRun.value.id);
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, []);
}

function search(showLeft) {
  const field = document.querySelector("#search");
  if (field !== null) return field.focus();
  showLeft();
  return requestAnimationFrame(() => document.querySelector("#search")?.focus());
}
