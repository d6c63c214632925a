/** What was understood of a question. A chip with options is a menu: an option asks the question again with that changed. */
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { html } from "../html.js";
import { has, t } from "../texts.js";

export function Chips({ chips, onAsk }) {
  if (chips.length === 0) return null;
  return html`<ul class="an-chips" aria-label=${t("answer.understood")}>
    ${chips.map((chip) => html`<li key=${`${chip.kind} ${chip.label}`}><${Chip} chip=${chip} onAsk=${onAsk} /></li>`)}
  </ul>`;
}

function Chip({ chip, onAsk }) {
  const { label, options } = chip;
  const words = html`<${Kind} kind=${chip.kind} /> <bdi dir="auto">${label}</bdi>`;
  if (!onAsk || options.length === 0) return html`<span class="an-chip">${words}</span>`;
  return html`<${Menu} className="an-chip-menu" label=${t("answer.change", { label })} button=${html`${words} <${Icon} name="chevron" size=${12} />`}>
    ${(close) => options.map(({ label: option, ask }) => html`
      <button key=${ask} type="button" class="menu-item" onClick=${() => (close(), onAsk(ask))}><bdi dir="auto">${option}</bdi></button>`)}
  <//>`;
}

function Kind({ kind }) {
  return has(`answer.chip.${kind}`) ? html`<span class="an-kind">${t(`answer.chip.${kind}`)}</span>` : null;
}
