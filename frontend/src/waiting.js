import { html } from "./html.js";
import { Wait } from "./parts/wait.js";
import { begin } from "./state/session.js";
import { me } from "./state/me.js";
import { boot } from "./state/status.js";
import { SignedOut } from "./status.js";
import { t } from "./texts.js";

/** Before the first state has arrived, or instead of it. */
export function Waiting() {
  const error = boot.value;
  return html`<main class="waiting">
    ${error === "loading" ? html`<${Loading} />` : error.status === 401 ? html`<${SignedOut} />` : html`<${Trouble} error=${error} />`}
  </main>`;
}

/** Without words for as long as it is not known in which language. */
function Loading() {
  return html`<${Wait}>${me.value !== null && t("boot.loading")}<//>`;
}

function Trouble({ error }) {
  return html`<div class="message bad" role="alert">
    <p><strong>${t("boot.failed")}</strong> ${error.message}</p>
    <button type="button" class="button" onClick=${() => void begin()}>${t("tryAgain")}</button>
  </div>`;
}
