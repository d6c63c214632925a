import { useEffect, useState } from "preact/hooks";
import { Composer } from "./composer/composer.js";
import { Consents } from "./consents.js";
import { Sidebar } from "./conversations/sidebar.js";
import { Thread } from "./conversations/thread.js";
import { html } from "./html.js";
import { DropZone } from "./logs/drop.js";
import { LogPanel } from "./logs/panel.js";
import { LiveRegion } from "./parts/live.js";
import { Notices } from "./parts/notices.js";
import { Side } from "./parts/side.js";
import { roomForLeft, roomForRight } from "./parts/wide.js";
import { useShortcuts } from "./shortcuts.js";
import { StatusBanner } from "./status.js";
import { seen } from "./state/notices.js";
import { openThread } from "./state/route.js";
import { boot } from "./state/status.js";
import { t } from "./texts.js";
import { TopBar } from "./topbar.js";
import { Waiting } from "./waiting.js";

export function Page() {
  return html`${boot.value === "ready" ? html`<${House} />` : html`<${Waiting} />`}<${LiveRegion} />`;
}

function House() {
  const [left, setLeft] = useState(false);
  const [right, setRight] = useState(roomForRight.value);
  // What stood beside the conversation does not lie down over it when the window narrows.
  useEffect(() => setRight(roomForRight.value), [roomForRight.value]);
  useShortcuts({ showLeft: () => setLeft(true) });
  useEffect(() => seen(openThread.value), [openThread.value]);
  const skip = (event) => {
    event.preventDefault();
    document.querySelector("#question").focus();
  };
  return html`<a class="skip" href="#question" onClick=${skip}>${t("skip")}</a>
    <div class="house">
      <${Side} as="nav" side="left" label=${t("nav")} wide=${roomForLeft.value} open=${roomForLeft.value || left} onClose=${() => setLeft(false)}>
        <${Sidebar} onGo=${() => setLeft(false)} />
      <//>
      <main class="main" id="main">
        <${TopBar} onMenu=${() => setLeft(true)} right=${right} onRight=${() => setRight(!right)} />
        <div class="banners"><${StatusBanner} /><${Consents} /></div>
        <${Thread} />
        <${Composer} onLog=${() => setRight(true)} />
      </main>
      <${Side} as="aside" side="right" label=${t("panel.title")} wide=${roomForRight.value} open=${right} onClose=${() => setRight(false)}>
        <${LogPanel} />
      <//>
    </div>
    <${Notices} /><${DropZone} />`;
}
