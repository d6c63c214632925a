import { html } from "../html.js";
import { chooseTheme, theme, THEMES } from "../state/theme.js";
import { t } from "../texts.js";

export function ThemeChoice() {
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
