import { useState } from "preact/hooks";
import { csrfToken } from "../api.js";
import { Dialog } from "../components/dialog.js";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { UserText } from "../components/user-text.js";
import { html } from "../html.js";
import { forgetUser } from "../state/browser-storage.js";
import { me } from "../state/me.js";
import { chooseTheme, theme, THEMES } from "../state/theme.js";
import { t } from "../texts.js";

const SHORTCUTS = [["key.slash", "keys.search"], ["key.enter", "keys.send"], ["key.shiftEnter", "keys.line"], ["key.escape", "keys.stop"], ["key.tab", "keys.tab"]];

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
        <form method="post" action="/accounts/logout/" onSubmit=${() => forgetUser(id)}>
          <input type="hidden" name="csrfmiddlewaretoken" value=${csrfToken()} />
          <button class="menu-item">${t("account.signOut")}</button>
        </form>`}
    <//>
    ${keys && html`<${ShortcutsDialog} onClose=${() => setKeys(false)} />`}
  </div>`;
}

function ShortcutsDialog({ onClose }) {
  return html`<${Dialog} title=${t("account.keys")} onClose=${onClose} kind="narrow">
    <dl class="keys">${SHORTCUTS.map(([key, text]) => html`<div key=${key}><dt><kbd>${t(key)}</kbd></dt><dd>${t(text)}</dd></div>`)}</dl>
  <//>`;
}

function ThemeChoice() {
  return html`<fieldset class="segments">
    <legend>${t("theme")}</legend>
    ${THEMES.map(
      (name) => html`<label key=${name}>
        <input type="radio" name="theme" value=${name} checked=${theme.value === name} onChange=${() => chooseTheme(name)} />
        <span>${t(`theme.${name}`)}</span>
      </label>`,
    )}
  </fieldset>`;
}
