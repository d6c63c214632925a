import "./css/chat.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { html } from "./html.js";
import { Page } from "./page.js";
import { unseen } from "./state/notices.js";
import { openThread } from "./state/route.js";
import { begin } from "./state/session.js";
import { threads } from "./state/store.js";
import { applyTheme } from "./state/theme.js";
import { t } from "./texts.js";

applyTheme();
render(html`<${Page} />`, document.querySelector("#page"));
effect(() => {
  const title = threads.value[openThread.value]?.title ?? t("thread.new");
  document.title = `${unseen.value > 0 ? `(${unseen.value}) ` : ""}${title} – ${t("app.name")}`;
});
void begin();
