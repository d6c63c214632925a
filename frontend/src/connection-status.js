import { Icon } from "./components/icon.js";
import { Spinner } from "./components/spinner.js";
import { html } from "./html.js";
import { useNow } from "./state/clock.js";
import { me } from "./state/me.js";
import { client, startSession } from "./state/session.js";
import { boot, connection } from "./state/status.js";
import { t } from "./texts.js";

/** How the page stands with the server, where that is worth a word. */
export function StatusBanner() {
  const { state, retryAt, error } = connection.value;
  const now = useNow(state === "reconnecting" && retryAt !== null);
  if (state === "live" || state === "closed") return null;
  if (state === "signed_out") return html`<${SignedOut} />`;
  if (state === "broken") return html`<${OutdatedPage} />`;
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000);
  const text = state === "reconnecting" && seconds > 0 ? t("status.reconnectingIn", { n: seconds }) : t(`status.${state}`);
  const withReason = (words) => (state === "reconnecting" && error !== null ? `${error.message} ${words}` : words);
  // Screen readers are told the state, not every second of it.
  return html`<div class=${`status ${state}`}>
    <${Icon} name=${state === "offline" ? "alert" : "clock"} size=${16} />
    <span aria-hidden="true">${withReason(text)}</span>
    <span class="unseen" role="status">${withReason(t(`status.${state}`))}</span>
    ${state === "reconnecting" && seconds > 2 && html`<button type="button" class="button ghost small" onClick=${() => client.retry()}>${t("status.reconnect")}</button>`}
  </div>`;
}

function OutdatedPage() {
  return html`<div class="status broken" role="alert">
    <${Icon} name="alert" size=${16} /> <span>${t("status.broken")}</span>
    <button type="button" class="button small primary" onClick=${() => location.reload()}>${t("status.reload")}</button>
  </div>`;
}

function SignedOut() {
  const next = encodeURIComponent(`${location.pathname}${location.hash}`);
  return html`<div class="status signed_out" role="alert">
    <${Icon} name="alert" size=${16} /> <span>${t("status.signedOut")}</span>
    <a class="button small primary" href=${`/accounts/login/?next=${next}`}>${t("status.signIn")}</a>
  </div>`;
}

/** Before the first state has arrived, or instead of it. */
export function LoadingScreen() {
  const error = boot.value;
  return html`<main class="waiting">
    ${error === "loading" ? html`<${Loading} />` : error.status === 401 ? html`<${SignedOut} />` : html`<${LoadError} error=${error} />`}
  </main>`;
}

/** Without words for as long as it is not known in which language. */
function Loading() {
  return html`<${Spinner}>${me.value !== null && t("boot.loading")}<//>`;
}

function LoadError({ error }) {
  return html`<div class="message bad" role="alert">
    <p><strong>${t("boot.failed")}</strong> ${error.message}</p>
    <button type="button" class="button" onClick=${() => void startSession()}>${t("tryAgain")}</button>
  </div>`;
}
