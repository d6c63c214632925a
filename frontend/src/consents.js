import { useState } from "preact/hooks";
import { moment } from "./format.js";
import { html } from "./html.js";
import { Icon } from "./parts/icon.js";
import { UserText } from "./parts/user-text.js";
import { answerConsent, consents } from "./state/consents.js";
import { threads } from "./state/store.js";
import { t } from "./texts.js";

const HOURS = 24;

/** Operators who ask to read what the user said, and those who may now. */
export function Consents() {
  const open = consents.value.filter((consent) => consent.state === "asked" || consent.state === "given");
  return open.map((consent) => html`<${Consent} key=${consent.id} consent=${consent} />`);
}

function Consent({ consent }) {
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
      <${UserText}>${t(`consent.${state}`, { operator, what, until: expires_at && moment(expires_at) })}<//>${" "}
      <q><${UserText}>${why}<//></q>${" "}
      ${state === "given" && t("consent.read", { n: uses.length })}
    </span>
    ${state === "asked" && [button("give", t("consent.give", { n: HOURS }), { hours: HOURS }), button("decline", t("consent.decline"))]}
    ${state === "given" && button("withdraw", t("consent.withdraw"))}
  </div>`;
}
