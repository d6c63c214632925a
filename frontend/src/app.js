import "./css/chat.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { html } from "./html.js";
import { Page } from "./page.js";
import { unseenCount } from "./state/notices.js";
import { followHistory, openThread } from "./state/route.js";
import { startSession } from "./state/session.js";
import { threads } from "./state/store.js";
import { applyTheme } from "./state/theme.js";
import { t } from "./texts.js";

applyTheme();
render(html`<${Page} />`, document.querySelector("#page"));
effect(() => {
  const title = threads.value[openThread.value]?.title ?? t("thread.new");
  document.title = `${unseenCount.value > 0 ? `(${unseenCount.value}) ` : ""}${title} – ${t("app.name")}`;
});
// Before the session starts, so that an address that changes while the page loads is followed.
followHistory();
void startSession();
