import { useState } from "preact/hooks";
import { Icon } from "./components/icon.js";
import { UserText } from "./components/user-text.js";
import { formatMoment } from "./format.js";
import { html } from "./html.js";
import { answerConsent, consents } from "./state/consents.js";
import { threads } from "./state/store.js";
import { t } from "./texts.js";

const HOURS = 24;

/** Administrators who request access to the user's conversations, and those who have it. */
export function ConsentRequests() {
  const open = consents.value.filter((consent) => consent.state === "asked" || consent.state === "given");
  return open.map((consent) => html`<${ConsentRequest} key=${consent.id} consent=${consent} />`);
}

function ConsentRequest({ consent }) {
  const { id, operator, state, thread_id, why, expires_at, uses } = consent;
  const [busy, setBusy] = useState(false);
  const answer = async (how, body) => {
    setBusy(true);
    await answerConsent(id, how, body);
    setBusy(false);
  };
  const what = thread_id === null ? t("consent.all") : t("consent.one", { title: threads.value[thread_id]?.title ?? "" });
  const button = (how, label, body) =>
    html`<button type="button" class="button small" disabled=${busy} onClick=${() => answer(how, body)}>${label}</button>`;
  return html`<div class="status consent" role="status">
    <${Icon} name="alert" size=${16} />
    <span>
      <${UserText}>${t(`consent.${state}`, { operator, what, until: expires_at && formatMoment(expires_at) })}<//>${" "}
      <q><${UserText}>${why}<//></q>${" "}
      ${state === "given" && t("consent.read", { n: uses.length })}
    </span>
    ${state === "asked" && [button("give", t("consent.give", { n: HOURS }), { hours: HOURS }), button("decline", t("consent.decline"))]}
    ${state === "given" && button("withdraw", t("consent.withdraw"))}
  </div>`;
}
