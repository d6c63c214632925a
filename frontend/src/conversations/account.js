import { useState } from "preact/hooks";
import { csrfToken } from "../api.js";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { UserText } from "../parts/user-text.js";
import { forget } from "../state/kept.js";
import { me } from "../state/me.js";
import { t } from "../texts.js";
import { Keys } from "./keys.js";
import { ThemeChoice } from "./theme.js";

export function AccountMenu() {
  const [keys, setKeys] = useState(false);
  const [permission, setPermission] = useState(globalThis.Notification?.permission ?? "denied");
  const { id, username, display_name, is_staff } = me.value;
  const allow = async () => setPermission(await Notification.requestPermission());
  const button = html`<${Icon} name="user" /> <${UserText} className="account-name">${display_name || username}<//>`;
  return html`<div class="account">
    <${Menu} label=${t("account.menu", { name: display_name || username })} button=${button} up=${true}>
      ${(close) => html`
        <${ThemeChoice} />
        ${permission === "default" &&
        html`<button type="button" class="menu-item" onClick=${allow}>${t("account.notify")}</button>`}
        <button type="button" class="menu-item" onClick=${() => (close(), setKeys(true))}>${t("account.keys")}</button>
        <a class="menu-item" href="/accounts/">${t("account.settings")}</a>
        ${is_staff && html`<a class="menu-item" href="/admin/">${t("account.admin")}</a>`}
        <form method="post" action="/accounts/logout/" onSubmit=${() => forget(id)}>
          <input type="hidden" name="csrfmiddlewaretoken" value=${csrfToken()} />
          <button class="menu-item">${t("account.signOut")}</button>
        </form>`}
    <//>
    ${keys && html`<${Keys} onClose=${() => setKeys(false)} />`}
  </div>`;
}
